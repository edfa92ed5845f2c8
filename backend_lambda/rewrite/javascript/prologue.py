"""The statement in front of a worker's script that loads the runtime, and where it is put (J4, J12, J15)."""

from __future__ import annotations

import re

from backend_lambda.rewrite.javascript.grammar import (
    HASHBANG,
    NO_LETTER,
    STRING,
    TRIVIA,
    TRIVIA_IN_SCRIPT,
)
from backend_lambda.rewrite.javascript.operands import has_line_break
from backend_lambda.rewrite.string_literals import encode_literal

_DIRECTIVE = re.compile(STRING)
# On a new line, these go on with the expression; all else begins a statement (ECMAScript, 12.10.1).
_GOES_ON = re.compile(rf"[.(\[`*/%,?:<>=&|^]|\+(?!\+)|-(?!-)|!=|in(?:stanceof)?{NO_LETTER}", re.ASCII)
# Without `import` and `export` it may be a module all the same, where importScripts throws a TypeError. Neither form
# declares a name, and both end so that any statement may follow on the same line.
_IN_MODULE = 'import "%s";'
_IN_SCRIPT = (
    'if(!self[Symbol.for("hatchway")])try{importScripts("%s")}catch(e){if(e instanceof TypeError)try{'
    'let r=new XMLHttpRequest;r.open("GET","%s",!1);r.send();200==r.status&&(0,eval)(r.responseText)}catch(e){}}'
)


def prologue_for(source: str, *, is_module: bool) -> str:
    """source: path of the runtime's script for workers, which runs as a script and as a module."""
    template = _IN_MODULE if is_module else _IN_SCRIPT
    return template.replace("%s", encode_literal(source))


def place_of_prologue(text: str, *, is_module: bool) -> int | None:
    """Where the first statement begins that does something; None if nothing does.

    In a script, directives such as `"use strict"` are left in front, since elsewhere they are none.
    """
    trivia = TRIVIA if is_module else TRIVIA_IN_SCRIPT
    at = _end(trivia, text, _end(HASHBANG, text, 0))
    while not is_module:
        match = _DIRECTIVE.match(text, at)
        if match is None:
            break
        end = match.end()
        behind = _end(trivia, text, end)
        if text.startswith(";", behind):
            at = _end(trivia, text, behind + 1)
        elif behind == len(text) or (has_line_break(text, end, behind) and not _GOES_ON.match(text, behind)):
            at = behind
        else:
            break
    return at if at < len(text) else None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None
    return match.end()
