"""Asks a filter's questions of one exchange: the tree becomes one function."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from app.content.reading import MISSING
from app.domain.exchange import Exchange
from app.domain.webhook import signed_by
from app.filter.fields import SIGNATURE_STATES
from app.filter.qualities import QUALITIES
from app.filter.regex import SEARCHED, searcher
from app.filter.subject import Predicate, Side, Subject
from app.filter.tree import And, Between, Contains, Equals, JsonPath, JsonTest, Matches, Node, Not, Or, Term, Test

Bytes = Callable[[bytes], bool]


def compile_tree(node: Node) -> Predicate:
    """The function that says whether an exchange matches; it never raises."""
    match node:
        case Term():
            return _term(node)
        case Not(part=part):
            inner = compile_tree(part)
            return lambda subject: not inner(subject)
        case And(parts=parts):
            all_of = [compile_tree(part) for part in parts]
            return lambda subject: all(test(subject) for test in all_of)
        case Or(parts=parts):
            any_of = [compile_tree(part) for part in parts]
            return lambda subject: any(test(subject) for test in any_of)


def bytes_test(test: Test) -> Bytes:
    """The test of a text given as bytes: UTF-8, or exactly what was on the wire."""
    match test:
        case Contains(needle=needle):
            wanted = needle.encode("utf-8", "surrogatepass")
            return lambda value: wanted in value.lower()
        case Equals(value=text):
            whole = text.encode("utf-8", "surrogatepass")
            return lambda value: value.lower() == whole
        case Matches(pattern=pattern):
            found = searcher(pattern)
            return lambda value: found(value[:SEARCHED].decode("utf-8", "replace"))
    return bool


def header_lines_test(term: Term) -> Callable[[tuple[tuple[str, str], ...]], bool]:
    """The test of a list of headers: of the values of one name, or of whole `name: value` lines."""
    test, name = bytes_test(term.test), term.name
    if name:
        return lambda headers: any(key.lower() == name and test(wire(value)) for key, value in headers)
    return lambda headers: any(test(wire(f"{key}: {value}")) for key, value in headers)


def json_matches(document: Any, test: JsonTest) -> bool:
    """Whether any value at the path passes; MISSING has none."""
    if document is MISSING:
        return False
    return any(_compares(value, test) for value in _at(document, test.path))


def json_values(document: Any, path: JsonPath) -> list[Any]:
    """The values at the path; MISSING has none."""
    return [] if document is MISSING else list(_at(document, path))


def host_of(exchange: Exchange) -> str:
    """The host that the visitor (or a replay) asked, in lower case, with its port."""
    try:
        return urlsplit(exchange.public_url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def wire(text: str) -> bytes:
    """Latin-1 text as the bytes it stands for."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _term(term: Term) -> Predicate:
    field = term.field
    if field in ("header", "req.header", "resp.header"):
        lines = header_lines_test(term)
        sides = _sides(field)
        return lambda subject: any(lines(subject.headers(side)) for side in sides)
    if isinstance(term.test, JsonTest):
        json_test, sides = term.test, _sides(field)
        return lambda subject: any(json_matches(subject.json(side), json_test) for side in sides)
    if isinstance(term.test, Between):
        return _number(field, term.test)
    if field in ("is", "has"):
        assert isinstance(term.test, Equals)
        return QUALITIES[f"{field}:{term.test.value}"]
    if field == "sig":
        assert isinstance(term.test, Equals)
        return _signature(term.test.value)
    test = bytes_test(term.test)
    if field in ("body", "req.body", "resp.body"):
        sides = _sides(field)
        return lambda subject: any(test(subject.text(side)) for side in sides)
    if field == "ws":
        return lambda subject: any(test(frame.data) for frame in subject.frames)
    if field == "text":
        return lambda subject: _anywhere(subject, test)
    if field == "any":
        return lambda subject: any(test(wire(text)) for text in any_texts(subject.exchange))
    read = TEXTS[field]
    if field in OWN_TEXTS:
        return lambda subject: test(read(subject.exchange).encode("utf-8", "surrogatepass"))
    return lambda subject: test(wire(read(subject.exchange)))


def _signature(wanted: str) -> Predicate:
    if wanted in SIGNATURE_STATES:
        return lambda subject: subject.signature() == wanted
    return lambda subject: signed_by(wanted, subject.headers("request"))


def any_texts(exchange: Exchange) -> tuple[str, ...]:
    """What a bare word looks at: the request line and the status; the public URL, since people paste URLs."""
    status = "" if exchange.status is None else str(exchange.status)
    return f"{exchange.method} {exchange.target} {status}", exchange.public_url


def _anywhere(subject: Subject, test: Bytes) -> bool:
    exchange = subject.exchange
    if any(test(wire(text)) for text in any_texts(exchange)):
        return True
    sides: tuple[Side, Side] = ("request", "response")
    lines = (f"{name}: {value}" for side in sides for name, value in subject.headers(side))
    return any(test(wire(line)) for line in lines) or any(test(subject.text(side)) for side in sides)


def _number(field: str, between: Between) -> Predicate:
    read = _NUMBERS[field]
    low = -(1 << 70) if between.low is None else between.low
    high = 1 << 70 if between.high is None else between.high

    def test(subject: Subject) -> bool:
        value = read(subject.exchange)
        return value is not None and low <= value <= high

    return test


def _sides(field: str) -> tuple[Side, ...]:
    if field.startswith("req."):
        return ("request",)
    return ("response",) if field.startswith("resp.") else ("request", "response")


def _at(value: Any, path: tuple[str | int | None, ...]) -> Iterator[Any]:
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    if step is None:
        for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            yield from _at(item, rest)
    elif isinstance(step, int):
        if isinstance(value, list) and step < len(value):
            yield from _at(value[step], rest)
    elif isinstance(value, dict) and step in value:
        yield from _at(value[step], rest)


def _compares(value: Any, test: JsonTest) -> bool:
    wanted = test.value
    match test.operator:
        case "?":
            return True
        case "=":
            return _equal(value, wanted)
        case "!=":
            return not _equal(value, wanted)
        case "~":
            assert isinstance(wanted, str)
            text = value if isinstance(value, str) else ""
            return wanted.encode("utf-8", "surrogatepass") in text.encode("utf-8", "surrogatepass").lower()
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(wanted, int | float):
        return False
    comparisons = {"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}
    return comparisons[test.operator]


def _equal(value: Any, wanted: str | int | float | bool | None) -> bool:
    """As JSON compares, except that "5" is 5: who types a filter seldom knows which of the two it is."""
    if isinstance(value, bool) or isinstance(wanted, bool) or value is None or wanted is None:
        return value is wanted
    if isinstance(value, str) != isinstance(wanted, str):
        return isinstance(value, str | int | float) and str(value) == str(wanted)
    return bool(value == wanted)


def _age(exchange: Exchange) -> int:
    return max(0, time.time_ns() - exchange.started_ns)


_NUMBERS: dict[str, Callable[[Exchange], int | None]] = {
    "status": lambda exchange: exchange.status,
    "size": lambda exchange: exchange.response_body.size,
    "req.size": lambda exchange: exchange.request_body.size,
    "duration": lambda exchange: None if exchange.finished_ns is None else exchange.finished_ns - exchange.started_ns,
    "age": _age,
}

TEXTS: dict[str, Callable[[Exchange], str]] = {
    "method": lambda exchange: exchange.method,
    "path": lambda exchange: exchange.target,
    "host": host_of,
    "url": lambda exchange: exchange.public_url,
    "type": lambda exchange: exchange.response_header("content-type") or "",
    "req.type": lambda exchange: exchange.request_header("content-type") or "",
    "tunnel": lambda exchange: exchange.tunnel,
    "upstream": lambda exchange: exchange.upstream,
    "visitor": lambda exchange: exchange.visitor,
    "replay-of": lambda exchange: exchange.replay_of or "",
    "verdict": lambda exchange: "" if exchange.verdict is None else exchange.verdict.value,
    "note": lambda exchange: exchange.note,
    "problem": lambda exchange: "" if exchange.problem is None else f"{exchange.problem.code} {exchange.problem.title}",
    "id": lambda exchange: exchange.id,
}


OWN_TEXTS = frozenset({"tunnel", "upstream", "visitor", "replay-of", "verdict", "note", "problem", "id"})
"""Text of ours, not of the wire."""
