"""Values of the filter language: numbers with units, ranges, wildcards, regular expressions, JSON paths."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Callable

from app.filter.fields import Field
from app.filter.regex import RegexProblem, check
from app.filter.tree import Between, Contains, Equals, JsonPath, JsonTest, Matches, Present, Test

_SIZES = {"": 1, "b": 1, "k": 1000, "kb": 1000, "m": 1000**2, "mb": 1000**2, "g": 1000**3, "gb": 1000**3,
          "kib": 1024, "mib": 1024**2, "gib": 1024**3}  # fmt: skip
_TIMES = {"": 1e6, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "min": 60e9, "h": 3600e9, "d": 86400e9}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ]*)", re.IGNORECASE)
_COMPARISON = re.compile(r"(>=|<=|>|<|=)?(.*)", re.DOTALL)
_JSON_OPERATOR = re.compile(r"(!=|<=|>=|=|<|>|~)")
_PATH_PART = re.compile(r"\.([A-Za-z_$][\w$-]*)|\[(\d+|\*?)\]|\.?\[(\"(?:[^\"\\]|\\.)*\")\]|\.(\"(?:[^\"\\]|\\.)*\")")
_Reader = Callable[[str], int | None]
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class ValueProblem(Exception):
    """The value cannot be read; the message says what to type instead. start, end: within the value, if known"""

    def __init__(self, message: str, start: int = 0, end: int | None = None) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def ascii_lower(text: str) -> str:
    """A to Z in lower case, nothing else changed (as SQLite's LIKE compares)."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def text_test(value: str, *, quoted: bool = False, regex: bool = False, whole: bool = True) -> Test:
    """`word`, `"exact text"`, `/regex/`, `wild*card`, `=whole value`. Raises ValueProblem.

    whole: what has wildcards is meant to be all of the value; in long texts it may be anywhere
    """
    if regex:
        return pattern_test(value)
    if quoted:
        return Contains(ascii_lower(value))
    if whole and value.startswith("=") and len(value) > 1:
        return Equals(ascii_lower(value[1:]))
    return _wildcards(value, whole) if "*" in value else Contains(ascii_lower(value))


def _wildcards(value: str, whole: bool) -> Test:
    pieces = [re.escape(piece) for piece in re.split(r"\*+", value)]
    if not any(pieces):
        return Present()
    if not whole:
        pieces = [piece for piece in pieces if piece]
    if len(pieces) == 1:
        return Contains(ascii_lower(value.strip("*")))
    first, *between, last = pieces
    # As fnmatch does it: the first place where a piece is found is as good as any later one.
    return Matches(f"{'^' * whole}{first}{''.join(f'(?>.*?{piece})' for piece in between)}.*{last}{'$' * whole}")


def pattern_test(pattern: str) -> Matches:
    """A regular expression. Raises ValueProblem for a wrong one, or one that could take for ever."""
    try:
        check(pattern)
    except RegexProblem as problem:
        raise ValueProblem(str(problem), problem.start, problem.end) from None
    return Matches(pattern)


def status_test(value: str) -> Test:
    """`404`, `5xx`, `400-499`, `>=400`. Raises ValueProblem."""
    if found := re.fullmatch(r"([1-9])(?:xx|\*|\*\*)", value, re.IGNORECASE):
        return Between(int(found[1]) * 100, int(found[1]) * 100 + 99)
    return _range(
        value, lambda text: int(text) if re.fullmatch(r"\d{1,3}", text) else None, "200, 5xx, 400-499 or >=400"
    )


def size_test(value: str) -> Test:
    """`>1mb`, `10kb-2mb`, `0`; 1 kb is 1000 bytes, 1 kib 1024. Raises ValueProblem."""
    return _range(value, lambda text: _with_unit(text, _SIZES), ">1mb, <10kb, 1kb-2mb or 0")


def duration_test(value: str) -> Test:
    """`>500ms`, `1s-2s`, `<5m`; a bare number is milliseconds. Raises ValueProblem."""
    return _range(value, lambda text: _with_unit(text, _TIMES), ">500ms, <2s or 1s-5s")


def choice_test(value: str, field: Field) -> Test:
    """One of the field's values. Raises ValueProblem."""
    wanted = value.lower().replace("_", "-")
    if wanted in field.choices:
        return Equals(wanted)
    close = difflib.get_close_matches(wanted, field.choices, 1)
    hint = f"; do you mean {close[0]}?" if close else f". There are: {', '.join(field.choices)}"
    raise ValueProblem(f"“{value}” is nothing that {field.name}: knows{hint}")


def header_test(value: str, *, regex: bool = False) -> tuple[str, Test]:
    """(name in lower case, test) of `name`, `name=value`, `name:value`; a regex is for whole lines.

    Raises ValueProblem.
    """
    if regex:
        return "", pattern_test(value)
    found = _HEADER_NAME.match(value)
    rest = "" if found is None else value[found.end() :].lstrip()
    if found is None or (rest and rest[0] not in "=:"):
        raise ValueProblem("Write the name of a header, or name=value")
    wanted = rest[1:].strip()
    if wanted.startswith("/") and wanted.endswith("/") and len(wanted) > 2:
        return found[0].lower(), pattern_test(wanted[1:-1])
    if wanted.startswith('"') and wanted.endswith('"') and len(wanted) > 1:
        return found[0].lower(), text_test(wanted[1:-1], quoted=True)
    return found[0].lower(), text_test(wanted) if wanted else Present()


def json_test(value: str) -> JsonTest:
    """`.a.b`, `.a[0]`, `.a[].id=7`, `.name~part`, `.n>5`. Raises ValueProblem."""
    path: list[str | int | None] = []
    at = 0
    if value.startswith(".") and (len(value) == 1 or value[1] in "=!<>~"):
        at = 1  # the document itself
    while at < len(value) and (part := _PATH_PART.match(value, at)):
        key, index, *texts = part.groups()
        quoted = next((text for text in texts if text is not None), None)
        if quoted is not None:
            try:
                path.append(str(json.loads(quoted)))
            except ValueError:
                raise ValueProblem("The quoted key is no JSON text", at, part.end()) from None
        elif key is not None:
            path.append(key)
        else:
            path.append(None if index in ("", "*") else int(index))
        at = part.end()
    if at == 0:
        raise ValueProblem("Write a path such as .error.code, .items[0] or .items[].id")
    if at == len(value):
        return JsonTest(tuple(path))
    operator = _JSON_OPERATOR.match(value, at)
    if operator is None:
        raise ValueProblem("After the path comes =, !=, <, <=, >, >= or ~ and a value", at, len(value))
    return _json_comparison(tuple(path), operator[1], value[operator.end() :], operator.end())


def _json_comparison(path: JsonPath, operator: str, text: str, at: int) -> JsonTest:
    literal: object = text
    with contextlib.suppress(ValueError, RecursionError):
        literal = json.loads(text)
    if isinstance(literal, dict | list) or (isinstance(literal, float) and literal != literal):
        literal = text
    if operator in ("<", "<=", ">", ">=") and (isinstance(literal, bool) or not isinstance(literal, int | float)):
        raise ValueProblem(f"{operator} compares numbers", at, at + len(text))
    if operator == "~":
        return JsonTest(path, "~", ascii_lower(literal if isinstance(literal, str) else text))
    assert literal is None or isinstance(literal, str | int | float)
    return JsonTest(path, operator, literal)  # type: ignore[arg-type]  # the pattern allows no others


def _range(value: str, number: _Reader, wanted: str) -> Between:
    text = value.strip()
    if found := re.fullmatch(r"([^<>=-]+)(?:-|\.\.)([^<>=-]+)", text):
        low, high = number(found[1].strip()), number(found[2].strip())
        if low is not None and high is not None:
            return Between(min(low, high), max(low, high))
    compared = _COMPARISON.fullmatch(text)
    assert compared is not None
    limit = number(compared[2].strip())
    if limit is None:
        raise ValueProblem(f"“{value}” is no number here; write {wanted}")
    match compared[1]:
        case ">":
            return Between(limit + 1, None)
        case ">=":
            return Between(limit, None)
        case "<":
            return Between(None, limit - 1)
        case "<=":
            return Between(None, limit)
    return Between(limit, limit)


def _with_unit(text: str, units: dict[str, float] | dict[str, int]) -> int | None:
    found = _NUMBER.fullmatch(text)
    unit = None if found is None else units.get(found[2].lower())
    if found is None or unit is None or len(found[1]) > 15:
        return None
    return round(float(found[1]) * unit)
