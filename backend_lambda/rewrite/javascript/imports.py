"""Where a script names modules, and whether it shows itself to be a module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from backend_lambda.rewrite.javascript.grammar import (
    BLOCK_COMMENT,
    GAP,
    IDENTIFIER,
    LINE_COMMENT,
    LITERAL_INSIDE,
    NO_LETTER,
    STRING,
    STRING_INSIDE,
)
from backend_lambda.rewrite.javascript.lexer import WORDS, Lexer, Token
from backend_lambda.rewrite.javascript.operands import begins_statement, follows_for, follows_member_access

_BRACES = rf"\{{(?:[^}}\"'/]++|{STRING}|{LINE_COMMENT}|{BLOCK_COMMENT}|/)*+\}}"
_ARGUMENT = rf"{LITERAL_INSIDE}{GAP}(?=[,)])"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


# Each begins behind its word. Two names may follow `import`: a phase (`defer`, `source`) and the default binding.
_STATIC_IMPORT = _compile(
    rf"{GAP}(?:(?:{IDENTIFIER}{GAP}(?:{IDENTIFIER}{GAP})?(?:,{GAP})?)?"
    rf"(?:{_BRACES}{GAP}|\*{GAP}as{GAP}{IDENTIFIER}{GAP})?from{GAP})?{STRING_INSIDE}"
)
_STATIC_EXPORT = _compile(rf"{GAP}(?:[{{*@]|(?:default|const|let|var|function|async|class|using|await){NO_LETTER})")
_EXPORT_FROM = _compile(
    rf"{GAP}(?:\*{GAP}(?:as{GAP}(?:{IDENTIFIER}|{STRING}){GAP})?|{_BRACES}{GAP})from{GAP}{STRING_INSIDE}"
)
_DYNAMIC_IMPORT = _compile(rf"{GAP}(?:\.{GAP}(?:defer|source){GAP})?\({GAP}{_ARGUMENT}")
_META = _compile(rf"{GAP}\.{GAP}meta{NO_LETTER}")
_RESOLVE = _compile(rf"{GAP}\.{GAP}meta{GAP}\.{GAP}resolve{GAP}\({GAP}{_ARGUMENT}")
# What no script can have behind a variable of the name `await`.
_AWAITED = _compile(rf"[ \t]++(?!(?:in|of|instanceof){NO_LETTER})[\w$\"'\\\x80-\U0010ffff]")
_DECLARES = _compile(
    r"(?:\A|[;}\n\r])[ \t\n\r]*+(?:const|let|var)"
    r"(?:[ \t\n\r]++[\w$]++|[ \t\n\r]*+(?:\{[^{}]*+\}|\[[^\[\]]*+\]))[ \t\n\r]*+=\Z"
)
_LONGEST_DECLARATION = 200  # characters


class Span(NamedTuple):
    """The inside of a string literal, without its quotes."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Imports:
    """specifiers: in the order in which they stand in the text
    is_module: certainly a module; a script that shows nothing of it may still be one
    """

    specifiers: tuple[Span, ...]
    is_module: bool


def find_imports(text: str) -> Imports:
    """Specifiers of static imports and re-exports, and literal ones of `import()` and `import.meta.resolve()`."""
    last = max(map(text.rfind, WORDS))
    if last < 0:
        return Imports((), is_module=False)
    lexer = Lexer(text)
    imports = _read(lexer, text, last)
    if imports.is_module and lexer.has_html_comments:
        # In a module those are no comments: `a<!--b` compares.
        return _read(Lexer(text, is_module=True), text, last)
    return imports


def _read(lexer: Lexer, text: str, last: int) -> Imports:
    """last: nothing of interest begins behind that index."""
    found: list[Span] = []
    is_module = False
    for token in lexer.tokens():
        if token.start > last:
            break
        if token.kind not in WORDS:
            continue
        before = lexer.end_before(token.start)
        is_static = not token.depth and begins_statement(text, before, token.start)
        if token.kind == "await":
            is_module = is_module or (not token.depth and _is_awaited(text, before, token, is_statement=is_static))
        elif follows_member_access(text, before):
            continue  # the name of a property
        elif token.kind == "export":
            if is_static and _STATIC_EXPORT.match(text, token.end):
                is_module = True
                _add(found, _EXPORT_FROM.match(text, token.end))
        elif _META.match(text, token.end):
            is_module = True
            _add(found, _RESOLVE.match(text, token.end))
        elif not _add(found, _DYNAMIC_IMPORT.match(text, token.end)) and is_static:
            is_module = _add(found, _STATIC_IMPORT.match(text, token.end)) or is_module
    return Imports(tuple(found), is_module)


def _add(found: list[Span], match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    assert match.lastgroup is not None
    found.append(Span(*match.span(match.lastgroup)))
    return True


def _is_awaited(text: str, before: int, token: Token, *, is_statement: bool) -> bool:
    """Whether an `await` outside all brackets waits, and in no function: arrows need no brackets."""
    if follows_for(text, before):
        return True
    declares = _DECLARES.search(text, max(0, before - _LONGEST_DECLARATION), before)
    return bool(is_statement or declares) and _AWAITED.match(text, token.end) is not None
