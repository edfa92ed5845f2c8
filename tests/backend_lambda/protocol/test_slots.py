from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import AgentMessage, Data, End, Error, Goodbye, Ping, Response, Window
from backend_lambda.protocol.slots import SlotWriter, open_envelope


def opened(envelope: str) -> object:
    """As the table gives it back."""
    fields = json.loads(envelope)
    assert list(fields) == ["type", "slot", "m", "body"]
    return open_envelope(fields["m"], base64.b64decode(fields["body"], validate=True), max_body=1 << 20)


def slots(*messages: AgentMessage) -> list[str]:
    writer = SlotWriter()
    return [json.loads(envelope)["slot"] for message in messages if (envelope := writer.wrap(message)) is not None]


@given(
    st.one_of(
        st.builds(Response, st.just("r1"), st.integers(200, 599), st.just([("A", "\xff"), ("a", "")]), st.binary()),
        st.builds(Data, st.just("r1"), st.integers(0, 999), st.binary(max_size=5000), st.booleans(), st.booleans()),
        st.builds(End, st.just("r1"), st.integers(0, 999)),
        st.builds(Error, st.just("r1"), st.just("upstream_cut"), st.text(max_size=20)),
    )
)
def test_a_message_comes_out_of_its_envelope_as_it_went_in(message: AgentMessage) -> None:
    envelope = SlotWriter().wrap(message)
    assert envelope is not None
    assert envelope.isascii()
    assert opened(envelope) == message


def test_a_body_that_gets_smaller_is_stored_deflated() -> None:
    message = Response("r1", 200, [], b"a" * 10_000)
    envelope = SlotWriter().wrap(message)
    assert envelope is not None
    assert len(envelope) < 300
    assert opened(envelope) == message


@pytest.mark.parametrize("message", [Ping("1"), Goodbye(), Window("r1", 1), Error("", "malformed")])
def test_what_is_for_the_backend_itself_gets_none(message: AgentMessage) -> None:
    assert SlotWriter().wrap(message) is None


def test_every_message_has_its_place_and_they_sort_in_order() -> None:
    head = Response("r1", 200, [], end=False)
    found = slots(head, Data("r1", 0, b""), Data("r1", 1, b""), End("r1", 2))
    assert found == ["r1", "r1#000000", "r1#000001", "r1#000002e"] == sorted(found)


def test_an_error_takes_the_place_of_the_head_or_the_next_one() -> None:
    assert slots(Error("r1", "upstream_refused")) == ["r1"]
    head = Response("r1", 200, [], end=False)
    assert slots(head, Error("r1", "upstream_cut")) == ["r1", "r1#000000e"]
    assert slots(head, Data("r1", 0, b"x"), Error("r1", "upstream_cut"))[-1] == "r1#000001e"


def test_replies_do_not_know_of_each_other() -> None:
    assert slots(Response("r1", 200, [], end=False), Error("r2", "upstream_refused")) == ["r1", "r2"]


@pytest.mark.parametrize("m", ["", "[]", "{", '{"type":7}', '{"type":"data"}', '{"type":"response","z":1}'])
def test_what_is_no_message_breaks_the_protocol(m: str) -> None:
    with pytest.raises(ProtocolError):
        open_envelope(m, b"", max_body=10)


def test_what_follows_an_accepted_websocket_goes_without_an_envelope() -> None:
    writer = SlotWriter()
    head = Response("r1", 101, [], end=False)
    assert writer.wrap(head) is not None
    assert [writer.wrap(message) for message in (Data("r1", 0, b"", True), End("r1", 1))] == [None, None]
    assert writer.wrap(head) is not None
    assert writer.wrap(Error("r1", "upstream_cut")) is None
    assert writer.wrap(Data("r2", 0, b"")) is not None
    assert writer.wrap(Error("r1", "upstream_cut")) is not None  # of an exchange that is none any more
