"""Cuts the text of a filter into words, keeping where each stood."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from app.filter.fields import BY_NAME, LARGER_THAN

TokenKind = Literal["(", ")", "and", "or", "not", "field", "text", "quoted", "regex", "tilde"]

_OPERATORS: dict[str, TokenKind] = {
    "or": "or", "|": "or", "||": "or", "and": "and", "&": "and", "&&": "and", "not": "not", "!": "not",
}  # fmt: skip
_FIELD = re.compile(r"([A-Za-z][A-Za-z.-]*):")
_TILDE = re.compile(r"~([a-z]+)(?=[\s()!&|]|$)")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(?=[\s)]|$)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """value: what was meant (unquoted …), which begins at `inner`; field: the word before the colon of a `field` token,
    whose value was a plain word (`form` text), quoted or a regular expression"""

    kind: TokenKind
    value: str
    start: int
    end: int
    inner: int
    field: str = ""
    form: Literal["text", "quoted", "regex"] = "text"


def tokens(text: str) -> list[Token]:
    """All of the text becomes tokens; what cannot be one is a `text` that the parser complains about."""
    found: list[Token] = []
    at = depth = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at, depth)
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        depth = max(depth, 0)
        found.append(token)
        at = token.end
    return found


def _token(text: str, at: int, depth: int) -> Token:
    char = text[at]
    if char == "(":
        return Token("(", char, at, at + 1, at)
    if char == ")":
        return Token(")", char, at, at + 1, at)
    if char in "-!" and at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] != ")":
        return Token("not", char, at, at + 1, at)
    if tilde := _TILDE.match(text, at):
        return Token("tilde", tilde[1], at, tilde.end(), at)
    if regex := _REGEX.match(text, at):
        return Token("regex", regex[1], at, regex.end(), at + 1)
    if quoted := _QUOTED.match(text, at):
        return Token("quoted", _unescaped(quoted[1]), at, quoted.end(), at + 1)
    word = _word_end(text, at, depth)
    if (kind := _OPERATORS.get(text[at:word].lower())) is not None and (text[at:word].isupper() or char in "|&!"):
        return Token(kind, text[at:word], at, word, at)
    field = _FIELD.match(text, at)
    if field is None or not _is_field(field[1], text[field.end() : word]):
        return Token("text", text[at:word], at, word, at)
    begin = field.end()
    if regex := _REGEX.match(text, begin):
        return Token("field", regex[1], at, regex.end(), begin + 1, field[1], "regex")
    if quoted := _QUOTED.match(text, begin):
        return Token("field", _unescaped(quoted[1]), at, quoted.end(), begin + 1, field[1], "quoted")
    return Token("field", text[begin:word], at, word, begin, field[1])


def _word_end(text: str, at: int, depth: int) -> int:
    """Where the word ends: at white space, or at the parenthesis that closes an open one; quotes keep both inside."""
    own = 0
    while at < len(text) and not text[at].isspace():
        char = text[at]
        if char == '"' and (quoted := _QUOTED.match(text, at)):
            at = quoted.end()
            continue
        if char == "(":
            own += 1
        elif char == ")":
            if own == 0 and depth:
                break
            own -= 1
        at += 1
    return at


def _is_field(name: str, value: str) -> bool:
    """`http://x`, `localhost:3000` and `12:30` are what they look like; an unknown field is one all the same."""
    if name.lower() in BY_NAME or name.lower() == LARGER_THAN:
        return True
    if value.startswith("//"):
        return False
    # A port, a time of day, a host with one; but `staus:500` is a slip.
    address = value[:1].isdigit() or "." in name
    return not address or bool(difflib.get_close_matches(name.lower(), BY_NAME, 1, 0.75))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
