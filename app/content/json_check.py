"""Where a text stops being JSON (RFC 8259), in words; for JSON lines, line by line."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Final

from app.content.pretty import breathe

_LONGEST: Final = 256 * 1024  # characters parsed at once: the interpreter is held meanwhile
_BREATHE_AT: Final = 64  # lines
_LOOKED_AT: Final = 8  # lines

_WORDS: Final = {
    "Expecting value": "a value is missing here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Illegal trailing comma before end of object": "this comma is one too many",
    "Illegal trailing comma before end of array": "this comma is one too many",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here",
    "Unterminated string starting at": "this text has no closing quote",
    "Invalid control character at": "a control character (a line break, perhaps) within a text",
    "Invalid \\escape": "a backslash before a character that needs none",
    "Invalid \\uXXXX escape": "\\u without four hex digits",
    "Extra data": "the JSON has ended before this",
}


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """line, column: from 1, where it was noticed; words: what is wrong there"""

    line: int
    column: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.words}"


def json_problem(text: str) -> JsonProblem | None:
    """What is wrong first; None for valid JSON, and where it cannot be told (very long or deep texts)."""
    if len(text) > _LONGEST:
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        said = error.msg.removesuffix(": ").rstrip(":")
        return JsonProblem(error.lineno, error.colno, _WORDS.get(said, said[:1].lower() + said[1:]))
    except (RecursionError, ValueError):
        return None  # nested too deep, or a number too long, for this check only
    return None


def json_lines_problem(text: str, stop: threading.Event | None = None) -> JsonProblem | None:
    """The first line that is no JSON; blank lines are none of the data. None if all are, or `stop` was set."""
    begin = number = 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        number += 1
        if number % _BREATHE_AT == 0 and breathe(stop):
            return None
        if end - begin <= _LONGEST and (line := text[begin:end]).strip() and (problem := json_problem(line)):
            return JsonProblem(number, problem.column, problem.words)
        begin = end + 1
    return None


def looks_like_json_lines(text: str) -> bool:
    """Whether the first lines, two at least, are a list or an object each."""
    lines = [line.strip() for line in text[:_LONGEST].split("\n", _LOOKED_AT)[:_LOOKED_AT]]
    lines = [line for line in lines if line]
    return len(lines) > 1 and all(line[0] in "{[" and json_problem(line) is None for line in lines)
