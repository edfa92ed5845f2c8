"""docs/protocol.md says what the code does: every field, number, code and state, and examples that are real."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import EXCHANGE_CODES, FAILURES, Failure
from backend_lambda.protocol.fields import ENCODERS
from backend_lambda.protocol.limits import (
    MAX_BLOB,
    MAX_BLOB_URL,
    MAX_CLOSE_REASON,
    MAX_DELTA,
    MAX_HEAD,
    MAX_HEADERS,
    MAX_HELD,
    MAX_ID,
    MAX_REPORT,
    MAX_TARGET,
    PROTOCOL_VERSION,
    RELAY_LIMITS,
    SOCKET_LEAST,
    SOCKET_WINDOW,
    Limits,
)  # fmt: skip
from backend_lambda.protocol.session import (
    AGENT_RECEIVES,
    BACKEND_RECEIVES,
    REPLY,
    REQUEST,
    ConnectionState,
    Outcome,
    ReplyState,
    RequestState,
)  # fmt: skip

DOC = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text("utf-8")
_OUTCOMES = {Outcome.ACCEPT: "accept", Outcome.HOLD: "hold", Outcome.IGNORE: "drop"}
_NUMBERS = {
    "PROTOCOL_VERSION": PROTOCOL_VERSION, "MAX_ID": MAX_ID, "MAX_HEADERS": MAX_HEADERS, "MAX_HEAD": MAX_HEAD,
    "MAX_TARGET": MAX_TARGET, "MAX_REPORT": MAX_REPORT, "MAX_HELD": MAX_HELD, "MAX_DELTA": MAX_DELTA,
    "SOCKET_WINDOW": SOCKET_WINDOW, "SOCKET_LEAST": SOCKET_LEAST,
    "MAX_CLOSE_REASON": MAX_CLOSE_REASON, "MAX_BLOB": MAX_BLOB, "MAX_BLOB_URL": MAX_BLOB_URL,
}  # fmt: skip
_LIMITS = Limits(1024, 1, 1, 1, 1, 1, 1, 1024, slots=True, blob=1, stream=1)
# One of each with every field on the wire.
FULL: list[m.Message] = [
    m.Hello("shop", "secret", m.TunnelOptions("http://localhost:3000", blobs=True), "agent/1", True),
    m.Welcome("shop", 1, "http://x/shop/", "http://shop.x/", "computer", _LIMITS, True),
    m.Ping("1"),
    m.Pong("1"),
    m.Request(
        "r1",
        "GET",
        "/",
        [("A", "b")],
        b"x" * 2000,
        False,
        "websocket",
        m.Visitor("::1", "http://x/", [0], 1),
        1,
        m.Blob(1, True, "https://s3.example/q"),
        "https://s3.example/r",
    ),
    m.Response("r1", 200, [("A", "b")], b"x" * 2000, False, m.Blob(1, True, "https://s3.example/r")),
    m.Data("r1", 0, b"x" * 2000, True, True, m.Blob(1, True, "https://s3.example/r")),
    m.End("r1", 0, 1000, "bye"),
    m.Window("r1", 1, "https://s3.example/r"),
    m.Error("r1", "upstream_refused", "words"),
    m.Cancel("r1", "why"),
    m.Goodbye(True, "why"),
    m.Superseded(2),
    m.Report("r1", "html", ["L0"], {}, ["charset"], m.Delivered(200, [0, ("A", "b")], 1, "0" * 64)),
    m.Leak("GET", "/a?b", "/page"),
]


def type_of(message: m.Message) -> str:
    return str(json.loads(encode(message, binary=False))["type"])


def section(title: str) -> str:
    """The text below a heading, up to the next of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}$", DOC, re.MULTILINE)
    assert found, f"no heading {title}"
    rest = DOC[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def names_in(fields: dict[str, object]) -> set[str]:
    names = set()
    for name, value in fields.items():
        names.add(name)
        if isinstance(value, dict):
            names |= {f"{name}.{inner}" for inner in value}
    return names


def documented_names(text: str) -> set[str]:
    """The first cells of the table rows."""
    return set(re.findall(r"^\| `([a-z0-9_.]+)` \|", text, re.MULTILINE))


def test_the_list_above_is_complete() -> None:
    assert {type(message) for message in FULL} == set(ENCODERS)


@pytest.mark.parametrize("message", FULL, ids=type_of)
def test_every_field_is_documented_and_no_other(message: m.Message) -> None:
    names = names_in(json.loads(encode(message, binary=False)))
    assert documented_names(section(f"`{type_of(message)}`")) == names


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_every_failure_is_documented_as_it_is(failure: Failure) -> None:
    of_exchange = failure.code in EXCHANGE_CODES
    table = section("Failures of one exchange" if of_exchange else "Failures of the connection")
    assert f"| `{failure.code}` | {failure.status} | {failure.side} | {failure.title} |" in table


@pytest.mark.parametrize("name", _NUMBERS)
def test_every_number_is_documented(name: str) -> None:
    assert f"| `{name}` | {_NUMBERS[name]} |" in DOC


@pytest.mark.parametrize("field", dataclasses.fields(Limits), ids=lambda field: field.name)
def test_the_limits_of_the_relay_are_documented(field: dataclasses.Field[object]) -> None:
    value = getattr(RELAY_LIMITS, field.name)
    row = re.search(rf"^\| `limits\.{field.name}` \|.*$", section("`welcome`"), re.MULTILINE)
    assert row
    assert row[0].endswith(f"| {'null' if value is None else value} |")


def table_of(states: type, table: dict, kinds: list[type]) -> str:
    """A state table as it must stand in the document."""
    lines = [f"| | {' | '.join(state.name for state in states)} |", "|---" * (len(states) + 1) + "|"]
    for kind in kinds:
        cells = []
        for state in states:
            after, outcome = table.get((state, kind), (state, None))
            word = "**violation**" if outcome is None else _OUTCOMES[outcome]
            cells.append(word if after is state else f"{word} → {after.name}")
        lines.append(f"| `{kind.__name__.lower()}` | {' | '.join(cells)} |")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("states", "table", "kinds"),
    [
        (ConnectionState, BACKEND_RECEIVES, list(m.AgentMessage.__args__)),
        (ConnectionState, AGENT_RECEIVES, list(m.BackendMessage.__args__)),
        (ReplyState, REPLY, [m.Response, m.Data, m.End, m.Error, m.Window]),
        (RequestState, REQUEST, [m.Request, m.Data, m.End, m.Window, m.Cancel, m.Error]),
    ],
    ids=["backend", "agent", "reply", "request"],
)
def test_the_state_tables_are_those_of_the_code(states: type, table: dict, kinds: list[type]) -> None:
    assert table_of(states, table, kinds) in DOC


def said() -> list[tuple[str, str]]:
    """(who, JSON text) of every line of every session in the document."""
    blocks = re.findall(r"^```session\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]
    found = [re.fullmatch(r"(agent|backend) +(\{.*\})", line) for line in lines]
    assert all(found), lines
    return [(match[1], match[2]) for match in found if match]


def test_the_sessions_are_what_the_codec_writes() -> None:
    kinds = set()
    for who, wire in said():
        message = decode(wire, max_message=1 << 20, max_body=1 << 20)
        assert message is not None
        again = encode(message, binary=False)
        # Which bytes deflate makes is up to the zlib at hand.
        assert again == wire or ('"z":true' in wire and json.loads(again).keys() == json.loads(wire).keys())
        assert isinstance(message, m.AgentMessage if who == "agent" else m.BackendMessage)
        kinds.add(type(message))
    assert kinds == set(ENCODERS), "every type occurs in an example"


def test_the_other_examples_decode() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
    assert blocks
    for line in "".join(blocks).splitlines():
        assert decode(line, max_message=1 << 20, max_body=1 << 20) is not None


def test_the_binary_example_is_what_the_codec_writes() -> None:
    (line,) = re.findall(r"^```binary\n(.*?)\n```$", DOC, re.MULTILINE)
    wire = line.encode("ascii").decode("unicode_escape").encode("latin-1")
    message = decode(wire, max_message=1 << 20, max_body=1 << 20)
    assert message is not None
    assert encode(message, binary=True) == wire
