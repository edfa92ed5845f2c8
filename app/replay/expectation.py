"""What an answer has to be, as CI states it: `status=200,json=.ok,time<500ms`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.content.reading import body_text, parse_json
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import fail
from app.filter.match import bytes_test, json_matches, json_values, wire
from app.filter.tree import Between, JsonTest, Test
from app.filter.values import ValueProblem, duration_test, json_test, status_test, text_test

_WORD = re.compile(r"(status|json|header|body|time)\s*(=|~|<=|>=|<|>|:)?(.*)", re.DOTALL)
_SPLIT = re.compile(r",(?=\s*(?:status|json|header|body|time)\s*[=~<>:])")
_HELP = "Write for example status=200, status=2xx, json=.ok, json=.error.code=7, header=etag, body~thanks, time<500ms."


@dataclass(frozen=True, slots=True)
class Expectation:
    """text: as it was written; kind: what it looks at; test: what that must pass; name: of a header, in lower case"""

    text: str
    kind: str
    test: Test
    name: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """actual: what was found, short"""

    expectation: Expectation
    passed: bool
    actual: str


def parse_expectations(text: str) -> list[Expectation]:
    """Those of a comma separated list. Raises HatchwayError `bad_expectation`."""
    pieces = [piece.strip() for piece in _SPLIT.split(text)]
    if not any(pieces):
        raise fail("bad_expectation", "There is nothing to expect", "you", _HELP)
    return [_parse(piece) for piece in pieces if piece]


def check_expectations(expectations: list[Expectation], exchange: Exchange) -> list[Result]:
    """Each with whether the answer meets it. Decodes the body: use a thread for large ones."""
    return [_check(expectation, exchange) for expectation in expectations]


def _parse(piece: str) -> Expectation:
    found = _WORD.fullmatch(piece)
    if found is None or not found[2]:
        raise fail("bad_expectation", f"“{piece}” is nothing to expect", "you", _HELP)
    kind, operator, value = found[1], found[2], found[3].strip()
    try:
        match kind:
            case "status":
                return Expectation(piece, kind, status_test(value if operator in "=:" else operator + value))
            case "time":
                return Expectation(piece, kind, duration_test(value if operator in "=:" else operator + value))
            case "json":
                return Expectation(piece, kind, json_test(value))
            case "body":
                pattern = re.fullmatch(r"/(.+)/", value, re.DOTALL)
                return Expectation(piece, kind, text_test(pattern[1] if pattern else value, regex=pattern is not None,
                                                          quoted=pattern is None))  # fmt: skip
        name, separator, wanted = value.partition(":")
        test = text_test(wanted.strip() if separator else "*")
        return Expectation(piece, kind, test, name.strip().lower())
    except ValueProblem as problem:
        raise fail("bad_expectation", f"“{piece}”: {problem}", "you", _HELP) from None


def _check(expectation: Expectation, exchange: Exchange) -> Result:
    test = expectation.test
    if exchange.state is not ExchangeState.DONE:
        return Result(expectation, False, "no answer")
    match expectation.kind:
        case "status":
            return Result(expectation, _within(test, exchange.status), str(exchange.status))
        case "time":
            took = (exchange.finished_ns or exchange.started_ns) - exchange.started_ns
            return Result(expectation, _within(test, took), f"{took / 1e6:.0f}ms")
        case "header":
            values = [value for name, value in exchange.response_headers if name.lower() == expectation.name]
            ask = bytes_test(test)
            return Result(expectation, any(ask(wire(value)) for value in values), ", ".join(values) or "missing")
    header = exchange.response_header
    text = body_text(exchange.response_body.data, header("content-encoding"), header("content-type"))
    if isinstance(test, JsonTest):
        document = parse_json(text)
        values = json_values(document, test.path)
        passed = any(_truthy(value) for value in values) if test.operator == "?" else json_matches(document, test)
        return Result(expectation, passed, ", ".join(_short(value) for value in values) or "missing")
    return Result(expectation, bytes_test(test)(text), f"{len(text)} bytes without it")


def _within(test: Test, value: int | None) -> bool:
    assert isinstance(test, Between)
    return value is not None and (test.low is None or value >= test.low) and (test.high is None or value <= test.high)


def _truthy(value: Any) -> bool:
    return value not in (None, False, 0, "", [], {})


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else f"{text[:59]}…"
