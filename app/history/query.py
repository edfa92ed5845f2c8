"""A filter as an SQL condition on `exchanges`: exactly what `Filter.matches` says, asked of all rows at once.

Whatever SQL can answer is answered by SQL. The rest are Python functions, called only for rows that a cheaper condition
lets through. Every question ends in `IS TRUE`, so that NULL never makes a negation lose rows.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.domain.webhook import SIGNATURE_HEADERS, SignatureCheck, unchecked
from app.filter.fields import SIGNATURE_STATES
from app.filter.match import OWN_TEXTS, bytes_test, wire
from app.filter.tree import And, Between, Contains, Equals, Node, Not, Present, Term, Test
from app.history import query_functions as functions

_COLUMNS = {
    "method": "method",
    "path": "target",
    "url": "public_url",
    "tunnel": "tunnel",
    "upstream": "upstream",
    "visitor": "visitor",
    "replay-of": "coalesce(replay_of, '')",
    "verdict": "coalesce(verdict, '')",
    "note": "note",
    "problem": "coalesce(problem_code || ' ' || problem_title, '')",
    "id": "exchanges.id",  # an export reads bodies beside it, which have ids too
}
_NUMBERS = {
    "status": "status",
    "size": "response_size",
    "req.size": "request_size",
    "duration": "finished_ns - started_ns",
}
QUALITIES = {
    "is:running": "state = 'running'",
    "is:done": "state = 'done'",
    "is:failed": "state = 'failed'",
    "is:cancelled": "state = 'cancelled'",
    "is:error": "state = 'failed' OR status >= 400",
    "is:replay": "replay_of IS NOT NULL",
    "is:websocket": "kind = 'websocket'",
    "is:http": "kind = 'http'",
    "is:pinned": "pinned",
    "is:imported": "imported",
    "is:rewritten": "rewriting IS NOT NULL",
    "has:response": "status IS NOT NULL",
    "has:problem": "problem_code IS NOT NULL",
    "has:leak": "leak IS NOT NULL",
    "has:note": "note <> ''",
    "has:verdict": "verdict IS NOT NULL",
    "has:frames": "frames > 0",
    "has:req.body": "request_size > 0",
    "has:resp.body": "response_size > 0",
}
_ANY = "method || ' ' || target || ' ' || coalesce(status, '')"
_BODY = "(SELECT data FROM bodies WHERE bodies.id = {0}_body)"
_SIGNED = (
    "tunnel, tunnel_id, target, public_url, request_headers,"
    f" {_BODY.format('request')}, request_size, started_ns, state"
)
_CHEAP, _HEADERS, _BODIES = 0, 1, 2
_LONGEST = 1 << 62


@dataclass(slots=True)
class Query:
    """sql: a condition; values: of its parameters; functions: (name, number of arguments, function) it calls;
    check: of signatures
    """

    sql: str = "TRUE"
    values: list[Any] = field(default_factory=list)
    functions: list[tuple[str, int, Callable[..., Any]]] = field(default_factory=list)
    check: SignatureCheck = unchecked

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Make the functions known; those of an earlier query of this connection are replaced."""
        for name, arguments, function in self.functions:
            connection.create_function(name, arguments, function)


def compile_query(tree: Node, check: SignatureCheck = unchecked) -> Query:
    """The condition of a filter's tree. check: of signatures"""
    query = Query(check=check)
    query.sql = _node(tree, query)[0]
    return query


def _node(node: Node, query: Query) -> tuple[str, int]:
    """(condition, what it costs). Parameters are named, so that conditions can be put in order of their costs."""
    match node:
        case Term():
            sql, cost = _term(node, query)
            return f"({sql}) IS TRUE", cost
        case Not(part=part):
            sql, cost = _node(part, query)
            return f"NOT ({sql})", cost
    parts = sorted((_node(part, query) for part in node.parts), key=lambda part: part[1])
    if not parts:
        return "TRUE" if isinstance(node, And) else "FALSE", _CHEAP
    joint = " AND " if isinstance(node, And) else " OR "
    return joint.join(f"({sql})" for sql, _ in parts), parts[-1][1]


def _term(term: Term, query: Query) -> tuple[str, int]:
    name, test = term.field, term.test
    if name in ("header", "req.header", "resp.header"):
        return _headers(term, query), _HEADERS
    if name in ("is", "has"):
        assert isinstance(test, Equals)
        key = f"{name}:{test.value}"
        if key == "is:sse":
            call = _call(query, functions.is_event_stream, "response_headers")
            return f"response_headers LIKE '%event-stream%' AND {call}", _HEADERS
        return QUALITIES[key], _CHEAP
    if isinstance(test, Between):
        return _number(name, test, query), _CHEAP
    if name == "sig":
        assert isinstance(test, Equals)
        return _signature(test.value, query)
    if name in ("json", "req.json", "resp.json"):
        return _bodies(name, functions.json_test(test), query), _BODIES
    if name in ("body", "req.body", "resp.body"):
        return _bodies(name, functions.body_test(test), query), _BODIES
    if name == "ws":
        call = _call(query, functions.data_test(test), "data")
        messages = f"SELECT 1 FROM frames WHERE exchange = exchanges.id AND {call}"  # noqa: S608 (no text of users)
        return f"frames > 0 AND EXISTS ({messages})", _BODIES
    if name == "text":
        heads = f"{_any(test, query)} OR {_headers(Term('header', test), query)}"
        return f"{heads} OR {_bodies('body', functions.body_test(test), query)}", _BODIES
    if name == "any":
        return _any(test, query), _CHEAP
    if name == "host":
        return (
            f"{_narrowed('public_url', test, query)}{_call(query, functions.host_test(test), 'public_url')}",
            _HEADERS,
        )
    if name in ("type", "req.type"):
        column = "request_headers" if name == "req.type" else "response_headers"
        call = _call(query, functions.type_test(test), column)
        return f"{_narrowed(column, test, query)}{call}", _HEADERS
    return _text(_COLUMNS[name], test, query, own=name in OWN_TEXTS), _CHEAP


def _text(expression: str, test: Test, query: Query, *, own: bool = False) -> str:
    match test:
        case Contains(needle=needle):
            return f"{expression} LIKE {_value(query, _pattern(_stored(needle, own)))} ESCAPE '\\'"
        case Equals(value=value):
            return f"{expression} = {_value(query, _stored(value, own))} COLLATE NOCASE"
        case Present():
            return f"{expression} <> ''"
    ask = bytes_test(test)
    if own:
        return _call(query, lambda text: ask(text.encode("utf-8", "surrogatepass")), expression)
    return _call(query, lambda text: ask(wire(text)), expression)


def _any(test: Test, query: Query) -> str:
    return f"({_text(f'({_ANY})', test, query)} OR {_text('public_url', test, query)})"


def _number(name: str, test: Between, query: Query) -> str:
    low = -_LONGEST if test.low is None else min(test.low, _LONGEST)
    high = _LONGEST if test.high is None else min(test.high, _LONGEST)
    if name == "age":
        now = time.time_ns()
        # What seems to come from the future is of age 0.
        newest = _LONGEST if low <= 0 else now - low
        return f"started_ns BETWEEN {_value(query, max(now - high, -_LONGEST))} AND {_value(query, newest)}"
    return f"({_NUMBERS[name]}) BETWEEN {_value(query, low)} AND {_value(query, high)}"


def _headers(term: Term, query: Query) -> str:
    conditions = []
    test = functions.headers_test(term)
    for side, column in (("req.header", "request_headers"), ("resp.header", "response_headers")):
        if term.field in ("header", side):
            name = f"{column} LIKE {_value(query, _pattern(term.name))} ESCAPE '\\' AND " if term.name else ""
            conditions.append(f"({name}{_narrowed(column, term.test, query, term)}{_call(query, test, column)})")
    return " OR ".join(conditions)


def _signature(wanted: str, query: Query) -> tuple[str, int]:
    """The headers' names tell most requests apart without a look at them."""
    names = [SIGNATURE_HEADERS[wanted]] if wanted in SIGNATURE_HEADERS else SIGNATURE_HEADERS.values()
    likely = " OR ".join(f"request_headers LIKE {_value(query, _pattern(first))} ESCAPE '\\'" for first, *_ in names)
    if wanted in SIGNATURE_STATES:
        call = _call(query, functions.signature_test(wanted, query.check), _SIGNED, arguments=9)
        return f"({likely}) AND {call}", _BODIES
    return f"({likely}) AND {_call(query, functions.signed_test(wanted), 'request_headers')}", _HEADERS


def _narrowed(column: str, test: Test, query: Query, term: Term | None = None) -> str:
    """A condition that is true wherever the text can be, for texts that stand in JSON as they are."""
    if not isinstance(test, Contains):
        return ""
    needle = test.needle
    if term is not None and not term.name and (":" in needle or " " in needle):
        return ""  # a line `name: value` is in two pieces there
    if not needle.isascii() or not needle.isprintable() or '"' in needle or "\\" in needle:
        return ""
    return f"{column} LIKE {_value(query, _pattern(needle))} ESCAPE '\\' AND "


def _bodies(name: str, test: functions.BodyTest, query: Query) -> str:
    conditions = []
    for prefix, side in (("req.", "request"), ("resp.", "response")):
        if name.startswith(prefix) or "." not in name:
            call = _call(query, test, _BODY.format(side), f"{side}_headers", arguments=2)
            # Without a body there is still an empty text; most have none, and need not be asked one by one.
            missing = f"{side}_body IS NULL OR" if test(None, "[]") else f"{side}_body IS NOT NULL AND"
            conditions.append(f"({missing} {call})")
    return " OR ".join(conditions)


def _call(query: Query, function: Callable[..., Any], *expressions: str, arguments: int = 1) -> str:
    name = f"hw_{len(query.functions)}"
    query.functions.append((name, arguments, function))
    return f"{name}({', '.join(expressions)})"


def _value(query: Query, value: object) -> str:
    query.values.append(value)
    return f"?{len(query.values)}"


def _stored(text: str, own: bool) -> str:
    """The text as the column has it: what came over the wire is kept as latin-1."""
    return text if own else text.encode("utf-8", "surrogatepass").decode("latin-1")


def _pattern(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
