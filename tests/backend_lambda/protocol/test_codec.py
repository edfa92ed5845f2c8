"""Messages on the wire and back, and everything that must not come through."""

from __future__ import annotations

import base64
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HEAD, MAX_HEADERS, MAX_TARGET
from backend_lambda.protocol.messages import Data, End, Leak, Message, Report, Request, Response
from tests.backend_lambda.protocol.strategies import BY_TYPE, messages

MEGABYTE = 1024 * 1024
REQUEST = {"type": "request", "id": "r1", "method": "GET", "target": "/", "headers": []}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_field_names = st.sampled_from(
    ["version", "tunnel", "owner", "agent", "binary", "upstream", "host_header", "forwarded", "mode", "generation",
     "urls", "scope", "limits", "id", "method", "target", "headers", "body", "z", "end", "kind", "visitor", "deadline",
     "status", "seq", "text", "more", "code", "reason", "bytes", "message", "release", "layers",
     "edits", "notes", "page", "rewrite_oauth"]
)  # fmt: skip


def read(wire: str | bytes, *, max_message: int = MEGABYTE, max_body: int = MEGABYTE) -> Message | None:
    return decode(wire, max_message=max_message, max_body=max_body)


def read_fields(**fields: Any) -> Message | None:
    return read(json.dumps(fields))


def code_of(wire: str | bytes, **limits: int) -> str:
    with pytest.raises(ProtocolError) as raised:
        read(wire, **limits)
    return raised.value.code


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("kind", list(BY_TYPE), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_round_trip(kind: type, binary: bool, data: st.DataObject) -> None:
    message = data.draw(BY_TYPE[kind])
    wire = encode(message, binary=binary)
    if not binary:
        assert isinstance(wire, str)
        assert wire.isascii()
    assert read(wire) == message


@given(messages)
def test_both_forms_mean_the_same(message: Message) -> None:
    assert read(encode(message, binary=True)) == read(encode(message, binary=False))


def test_binary_form_carries_the_body_as_it_is() -> None:
    assert encode(Data("r1", 0, b"\n\x00\xff"), binary=True) == b'{"type":"data","id":"r1","seq":0}\n\n\x00\xff'


def test_a_message_without_body_is_text_on_a_binary_connection() -> None:
    assert encode(End("r1", 3), binary=True) == '{"type":"end","id":"r1","seq":3}'


def test_a_binary_message_without_line_feed_is_read_like_text() -> None:
    assert read(b'{"type":"data","id":"r1","seq":0,"body":"YQ=="}') == Data("r1", 0, b"a")


def test_text_form_deflates_what_shrinks() -> None:
    wire = encode(Data("r1", 0, b"a" * 2000), binary=False)
    assert json.loads(wire)["z"] is True
    assert len(wire) < 100


@pytest.mark.parametrize("size", [1023, 1024])
def test_small_bodies_are_not_deflated(size: int) -> None:
    assert ("z" in json.loads(encode(Data("r1", 0, b"a" * size), binary=False))) == (size >= 1024)


@given(st.binary(max_size=200))
@example(b"\xff\xfe{\x00}\x00")
@example(b"[" * 100_000)
@example(b'{"type":"ping","id":"' + b"\xed\xa0\x80" + b'"}')
def test_arbitrary_bytes_never_raise_anything_else(wire: bytes) -> None:
    raises_nothing_else(wire)


@given(st.text(max_size=200))
@example("[" * 100_000)
@example("9" * 5000)
@example('{"type":"window","id":"r1","bytes":%s}' % ("9" * 5000))
@example('{"type":"window","id":"r1","bytes":1e999}')
@example('{"type":"window","id":"r1","bytes":NaN}')
def test_arbitrary_text_never_raises_anything_else(wire: str) -> None:
    raises_nothing_else(wire)


@given(_json)
def test_arbitrary_json_never_raises_anything_else(value: object) -> None:
    raises_nothing_else(json.dumps(value))


@given(messages, st.dictionaries(_field_names, _json, min_size=1, max_size=3))
def test_wrong_values_in_known_fields_never_raise_anything_else(message: Message, wrong: dict[str, object]) -> None:
    fields = json.loads(encode(message, binary=False))
    raises_nothing_else(json.dumps(fields | wrong))


@given(messages, _field_names)
def test_missing_fields_never_raise_anything_else(message: Message, missing: str) -> None:
    fields = json.loads(encode(message, binary=False))
    fields.pop(missing, None)
    raises_nothing_else(json.dumps(fields))


@given(messages, st.dictionaries(st.text(max_size=8).map("x-{}".format), _json, max_size=4))
def test_unknown_fields_are_ignored(message: Message, unknown: dict[str, object]) -> None:
    fields = json.loads(encode(message, binary=False))
    assert read(json.dumps(unknown | fields)) == message


@given(st.text(max_size=12).filter(lambda kind: kind not in {"hello", "welcome", "ping", "pong", "end", "data"}))
@example("telemetry")
def test_unknown_types_are_told_apart_from_errors(kind: str) -> None:
    assert read(json.dumps({"type": f"x-{kind}", "id": 7})) is None


@pytest.mark.parametrize(
    "wire", ["[]", "7", "null", '"ping"', "{}", '{"type":7}', '{"type":null}', '{"type":["ping"]}']
)
def test_what_is_no_message_is_malformed(wire: str) -> None:
    assert code_of(wire) == "malformed"


@pytest.mark.parametrize("where", ["name", "value"])
@pytest.mark.parametrize("bad", ["\r", "\n", "\r\nX: y", "\0", "\u0100", "\u560a", "\ud800", "\U0001f600"], ids=ascii)
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_header_that_could_split_the_head_never_decodes(kind: str, where: str, bad: str) -> None:
    pair = [f"X-A{bad}", "b"] if where == "name" else ["X-A", f"b{bad}"]
    fields = REQUEST | {"type": kind, "status": 200, "headers": [["Host", "a"], pair]}
    assert code_of(json.dumps(fields)) == "malformed"


@given(st.lists(st.lists(st.text(max_size=6), max_size=3), max_size=4))
def test_headers_that_decode_are_always_safe(headers: list[list[str]]) -> None:
    try:
        message = read_fields(**REQUEST | {"headers": headers})
    except ProtocolError:
        return
    assert isinstance(message, Request)
    head = "".join(f"{name}: {value}\r\n" for name, value in message.headers).encode("latin-1")
    assert head.count(b"\r") == head.count(b"\n") == len(message.headers)
    assert b"\0" not in head


@pytest.mark.parametrize(
    "headers",
    [[["a"]], [["a", "b", "c"]], ["ab"], [{"a": 1, "b": 2}], [[1, 2]], [["", "x"]], [[]], [["a b", "x"]],
     [["a:", "x"]], {}, "ab", None],
)  # fmt: skip
def test_headers_of_another_shape_are_malformed(headers: object) -> None:
    assert code_of(json.dumps(REQUEST | {"headers": headers})) == "malformed"


@pytest.mark.parametrize("target", ["", "a", "http://x/", "/a b", "/a\r\nX: y", "/\0", "/\x7f", "/\u0100", "**", "*/"])
def test_a_target_that_could_split_the_request_line_never_decodes(target: str) -> None:
    assert code_of(json.dumps(REQUEST | {"target": target})) == "malformed"


@pytest.mark.parametrize("method", ["", "GET ", "GET /x HTTP/1.1\r\nA:", "G\0T", "GÉT", "A" * 33])
def test_a_method_that_is_no_token_never_decodes(method: str) -> None:
    assert code_of(json.dumps(REQUEST | {"method": method})) == "malformed"


@pytest.mark.parametrize("request_id", ["", "a b", "a/b", "é", "a" * 65, 7, None])
def test_an_id_is_a_short_token(request_id: object) -> None:
    assert code_of(json.dumps(REQUEST | {"id": request_id})) == "malformed"


@pytest.mark.parametrize("upstream", ["http://a\r\nX: y", "http://a b", "http://a\0", "http://\ud800"], ids=ascii)
def test_an_upstream_that_could_split_a_header_never_decodes(upstream: str) -> None:
    hello = {"type": "hello", "version": 1, "tunnel": "shop", "owner": "secret", "upstream": upstream}
    assert code_of(json.dumps(hello)) == "malformed"


@pytest.mark.parametrize("field", ["owner", "agent"])
def test_half_a_surrogate_pair_is_malformed(field: str) -> None:
    hello = {"type": "hello", "version": 1, "tunnel": "shop", "owner": "secret", field: "\ud800"}
    assert code_of(json.dumps(hello)) == "malformed"


def test_another_version_is_recognised_whatever_else_it_says() -> None:
    assert code_of('{"type":"hello","version":2,"who":"?"}') == "unsupported_version"


@pytest.mark.parametrize("code", [999, 5000, -1, "1000", 1000.0, True])
def test_a_close_code_out_of_range_is_malformed(code: object) -> None:
    assert code_of(json.dumps({"type": "end", "id": "r1", "seq": 0, "code": code})) == "malformed"


def test_a_close_reason_is_bounded() -> None:
    end = {"type": "end", "id": "r1", "seq": 0, "code": 1000}
    assert code_of(json.dumps(end | {"reason": "x" * 201})) == "malformed"
    assert read_fields(**end, reason="x" * 200) == End("r1", 0, 1000, "x" * 200)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("kind", value) for value in [None, 7, " ", "html ", "a\x1b[2J", "a" * 65, "ä", "text/html"]),
        *((name, value) for name in ("layers", "notes") for value in
          [None, "L0", {}, [7], [""], ["a\n"], ["a" * 65], ["-"], ["x"] * 65]),
        *(("edits", value) for value in [None, [], {"url": 0}, {"url": True}, {"url": "1"}, {"url": 1.0}, {"": 1},
                                         {"a\n": 1}, {"u" * 65: 1}, {"url": 1 << 54}, {f"e{i}": 1 for i in range(65)}]),
    ],
    ids=lambda value: ascii(value)[:24],
)  # fmt: skip
def test_a_report_of_other_than_words_and_counts_is_malformed(field: str, value: object) -> None:
    assert code_of(json.dumps({"type": "report", "id": "r1", field: value})) == "malformed"


def test_a_report_may_leave_everything_out_and_be_full() -> None:
    assert read_fields(type="report", id="r1") == Report("r1")
    edits = {f"edit {number}": 1 << 53 for number in range(64)}
    full = Report("r1", "x" * 64, ["L0"] * 64, edits, ["too large"] * 64)
    assert read(encode(full, binary=False)) == full


@pytest.mark.parametrize("target", ["", "a", "http://x/", "/a b", "/a\r\nX: y", "/\0", "/\x7f", "/\u0100"], ids=ascii)
@pytest.mark.parametrize("field", ["target", "page"])
def test_a_leak_carries_what_a_request_could(field: str, target: str) -> None:
    leak = {"type": "leak", "method": "GET", "target": "/a", "page": "/b"}
    assert read_fields(**leak) == Leak("GET", "/a", "/b")
    assert code_of(json.dumps(leak | {field: target})) == "malformed"
    assert code_of(json.dumps(leak | {field: "/" + "a" * MAX_TARGET})) == "oversize"
    assert code_of(json.dumps(leak | {"method": "GET "})) == "malformed"


@pytest.mark.parametrize("form", ["text", "binary"])
def test_oversize_message(form: str) -> None:
    wire = encode(Data("r1", 0, b"\xff" * 900), binary=form == "binary")
    assert code_of(wire, max_message=len(wire) - 1) == "oversize"
    assert read(wire, max_message=len(wire)) == Data("r1", 0, b"\xff" * 900)


@pytest.mark.parametrize("body", [b"a" * 5000, bytes(range(256)) * 4], ids=["deflated", "plain"])
@pytest.mark.parametrize("form", ["text", "binary"])
def test_oversize_body(form: str, body: bytes) -> None:
    wire = encode(Data("r1", 0, body), binary=form == "binary")
    assert code_of(wire, max_body=len(body) - 1) == "oversize"
    assert read(wire, max_body=len(body)) == Data("r1", 0, body)


def test_a_deflate_bomb_costs_no_more_than_the_limit() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(64 * MEGABYTE), 9)).decode()
    wire = json.dumps({"type": "data", "id": "r1", "seq": 0, "z": True, "body": bomb})
    tracemalloc.start()
    try:
        assert code_of(wire, max_body=64 * 1024) == "oversize"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MEGABYTE


@pytest.mark.parametrize(
    ("body", "deflated"),
    [("YQ", False), ("Y Q==", False), ("é", False), (7, False), ("YQ==", True), ("YQ==", 1), ("YQ==", "yes"),
     (base64.b64encode(zlib.compress(b"cut off" * 9)[:-6]).decode(), True)],
    ids=["padding", "space", "not-ascii", "number", "not-deflated", "flag-number", "flag-text", "ends-early"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_malformed(body: object, deflated: object) -> None:
    assert code_of(json.dumps({"type": "data", "id": "r1", "seq": 0, "body": body, "z": deflated})) == "malformed"


def test_head_limits() -> None:
    at_limit: list[tuple[str, str]] = [("A", "x" * (MAX_HEAD - 1))]
    assert read(encode(Response("r1", 200, at_limit), binary=True)) == Response("r1", 200, at_limit)
    assert code_of(encode(Response("r1", 200, [("AA", at_limit[0][1])]), binary=True)) == "oversize"
    many: list[tuple[str, str]] = [("A", "")] * MAX_HEADERS
    assert read(encode(Response("r1", 200, many), binary=True)) == Response("r1", 200, many)
    assert code_of(encode(Response("r1", 200, [*many, ("A", "")]), binary=True)) == "oversize"
    longest = "/" + "a" * (MAX_TARGET - 1)
    assert read(encode(Request("r1", "GET", longest, []), binary=True)) == Request("r1", "GET", longest, [])
    assert code_of(encode(Request("r1", "GET", longest + "a", []), binary=True)) == "oversize"


def raises_nothing_else(wire: str | bytes) -> None:
    code, message = "", None
    try:
        message = read(wire)
    except ProtocolError as error:
        code = error.code
    assert code in {"", "malformed", "oversize", "unsupported_version"}
    assert message is None or type(message) in BY_TYPE


def test_words_of_the_gateway_are_no_message_and_no_mistake() -> None:
    note = '{"message":"Internal server error","connectionId":"TXz=","requestId":"TXy="}'
    assert decode(note, max_message=1024, max_body=1024) is None
    with pytest.raises(ProtocolError):
        decode('{"message":"hello"}', max_message=1024, max_body=1024)
