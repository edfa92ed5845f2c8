"""The tables are complete, and what `is_sendable` and its friends let pass is exactly what decodes."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.fields import DECODERS, ENCODERS
from backend_lambda.protocol.heads import close_frame, is_method, is_sendable, is_target
from backend_lambda.protocol.limits import MAX_BLOB, MAX_BLOB_URL, MAX_DELTA, MAX_HEADERS
from backend_lambda.rewrite.modes import MODES
from tests.backend_lambda.protocol.strategies import BY_TYPE

_anything = st.text(max_size=12)


def decodes(**changes: object) -> bool:
    fields = {"type": "request", "id": "r1", "method": "GET", "target": "/", "headers": []} | changes
    try:
        decode(json.dumps(fields), max_message=1 << 20, max_body=0)
    except ProtocolError:
        return False
    return True


def test_every_message_has_an_encoder_a_decoder_and_a_strategy() -> None:
    kinds = set(m.AgentMessage.__args__) | set(m.BackendMessage.__args__)
    assert set(ENCODERS) == set(BY_TYPE) == kinds
    assert set(DECODERS) == {kind.__name__.lower() for kind in kinds}


@given(st.lists(st.tuples(_anything, _anything), max_size=3))
def test_sendable_headers_are_those_that_decode(headers: m.Headers) -> None:
    assert is_sendable(headers) == decodes(headers=headers)


@given(_anything | _anything.map("/{}".format))
def test_targets_are_those_that_decode(target: str) -> None:
    assert is_target(target) == decodes(target=target)


@given(_anything)
def test_methods_are_those_that_decode(method: str) -> None:
    assert is_method(method) == decodes(method=method)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("https://t.example/shop/", True), ("http://[::1]:4780/~%C3%BC/", True), ("ftp://x/", False), ("https://", False),
     ("javascript:x", False), ("https://x/\x1b[2J", False), ("https://x/\x9b2J", False), ("https://x/\u202eoc/", False),
     ("https://x/ y", False), ("https://x/\n", False), ("https://x/\x7f", False), (" https://x/", False)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["path", "host"])
def test_urls_of_a_welcome(name: str, url: str, allowed: bool) -> None:
    urls = {"path": "https://x/", "host": None} | {name: url}
    limits = {"message": 1024, "inline": 0, "chunk": 1, "deadline": 1, "ping": 1}
    fields = {"type": "welcome", "version": 1, "tunnel": "x", "generation": 1, "scope": "computer"}
    wire = json.dumps(fields | {"urls": urls, "limits": limits})
    if allowed:
        assert isinstance(decode(wire, max_message=1 << 20, max_body=0), m.Welcome)
    else:
        with pytest.raises(ProtocolError, match="urls") as caught:
            decode(wire, max_message=1 << 20, max_body=0)
        assert caught.value.code == "malformed"


@pytest.mark.parametrize(
    ("code", "allowed"),
    [(999, False), (1000, True), (1003, True), (1004, False), (1005, False), (1006, False), (1007, True), (1014, True),
     (1015, False), (2999, False), (3000, True), (4999, True), (5000, False)],
)  # fmt: skip
def test_close_codes(code: int, allowed: bool) -> None:
    assert close_frame(code, "why") == ((code, "why") if allowed else (None, ""))


@pytest.mark.parametrize(
    ("reason", "fits"),
    [("x" * 123, "x" * 123), ("x" * 124, "x" * 123), ("é" * 62, "é" * 61), ("\ud800", "?")],
    ids=ascii,
)
def test_close_reasons(reason: str, fits: str) -> None:
    assert close_frame(1000, reason) == (1000, fits)
    assert close_frame(None, reason) == (None, "")


@pytest.mark.parametrize(
    ("blob", "code"),
    [(0, "malformed"), ({}, "malformed"), ({"size": -1}, "malformed"), ({"size": MAX_BLOB + 1}, "oversize"),
     ({"size": 1, "z": 1}, "malformed"), ({"size": 1, "url": "ftp://x/"}, "malformed"),
     ({"size": 1, "url": "https://x/\r\nA: b"}, "malformed"),
     ({"size": 1, "url": "https://x/" + "y" * MAX_BLOB_URL}, "malformed")],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_blobs_that_are_none(blob: object, code: str) -> None:
    head = {"id": "r1", "headers": [], "blob": blob}
    for fields in ({"type": "request", "method": "GET", "target": "/"}, {"type": "response", "status": 200}):
        with pytest.raises(ProtocolError) as caught:
            decode(json.dumps(fields | head), max_message=1 << 20, max_body=0)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("delta", "code"),
    [(0, "malformed"), ([-1], "malformed"), ([True], "malformed"), ([0.5], "malformed"), (["A"], "malformed"),
     ([["A"]], "malformed"), ([["A", 1]], "malformed"), ([["A", "1\r\nB: 2"]], "malformed"), ([["", "1"]], "malformed"),
     ([["A", "x" * MAX_DELTA]], "oversize"), ([0] * (MAX_HEADERS + 1), "malformed")],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_header_deltas_that_are_none(delta: object, code: str) -> None:
    visited = {"type": "request", "id": "r1", "method": "GET", "target": "/", "headers": []}
    for fields in (
        visited | {"visitor": {"headers": delta}},
        {"type": "report", "id": "r1", "delivered": {"status": 200, "headers": delta}},
    ):
        with pytest.raises(ProtocolError, match="headers") as caught:
            decode(json.dumps(fields), max_message=1 << 20, max_body=0)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "changes",
    [{"status": 99}, {"status": 1000}, {"size": -1}, {"sha256": "AB" * 32}, {"sha256": "ab"}, {"sha256": None}],
    ids=str,
)
def test_what_was_delivered_is_checked(changes: dict[str, object]) -> None:
    good = {"status": 200, "headers": [], "size": 1, "sha256": "ab" * 32}
    for delivered, fits in ((good, True), (good | changes, False), ("words", False)):
        wire = json.dumps({"type": "report", "id": "r1", "delivered": delivered})
        if fits:
            assert isinstance(decode(wire, max_message=1 << 20, max_body=0), m.Report)
            continue
        with pytest.raises(ProtocolError) as caught:
            decode(wire, max_message=1 << 20, max_body=0)
        assert caught.value.code == "malformed"


def test_the_modes_are_those_of_rewriting() -> None:
    assert set(get_args(m.Mode)) == set(MODES)


def test_defaults_are_left_out() -> None:
    assert ENCODERS[m.Request](m.Request("r1", "GET", "/", [])).keys() == {
        "type", "id", "method", "target", "headers", "visitor", "deadline",
    }  # fmt: skip
    assert ENCODERS[m.Data](m.Data("r1", 0, b"x")).keys() == {"type", "id", "seq"}
    assert ENCODERS[m.End](m.End("r1", 1)).keys() == {"type", "id", "seq"}
