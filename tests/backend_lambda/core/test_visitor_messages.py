from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.core.visitor_messages import connection_of, exchange_of, for_visitor, from_visitor, is_of_visitor
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import Data, End, Error, Window

CONNECTIONS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
MESSAGES = st.one_of(
    st.builds(Data, st.just("vX"), st.integers(0, 9), st.binary(max_size=3000), st.booleans(), st.booleans()),
    st.builds(End, st.just("vX"), st.integers(0, 9)),
    st.builds(End, st.just("vX"), st.integers(0, 9), st.integers(3000, 4999), st.text("aü", max_size=9)),
    st.builds(Window, st.just("vX"), st.integers(1, 9)),
)


@given(CONNECTIONS)
def test_the_id_of_an_exchange_names_its_connection(connection_id: str) -> None:
    id = exchange_of(connection_id)
    message = decode(encode(Data(id, 0, b""), binary=False), max_message=999, max_body=999)
    assert isinstance(message, Data)  # it may be an id
    assert connection_of(message.id) == connection_id


@pytest.mark.parametrize("id", ["", "0123456789abcdef", "vA", "v_-_-", "v" + "/w"])
def test_ids_of_other_exchanges_name_none(id: str) -> None:
    assert connection_of(id) is None


def test_a_connection_whose_name_is_too_long_carries_none() -> None:
    with pytest.raises(ValueError, match="xxx"):
        exchange_of("x" * 50)


@given(MESSAGES)
def test_messages_come_out_on_the_other_side_as_they_went_in(message: Data | End | Window) -> None:
    fields = json.loads(for_visitor(message))
    assert is_of_visitor(fields)
    assert from_visitor(fields, "vX", max_body=3000) == message


def test_a_page_that_is_alive_asks_whether_the_agent_is() -> None:
    fields = {"type": "alive"}
    assert is_of_visitor(fields)
    assert from_visitor(fields, "vX", max_body=0) == Window("vX", 1)


@given(MESSAGES)
def test_messages_of_agents_are_never_taken_for_a_visitors(message: Data | End | Window) -> None:
    assert not is_of_visitor(json.loads(encode(message, binary=False)))


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "data", "seq": 0, "body": "no base64"},
        {"type": "data", "seq": 0, "body": 1},
        {"type": "data", "seq": -1},
        {"type": "data", "seq": 0, "body": "AAAA" * 100},
        {"type": "end", "seq": 0, "code": 9},
        {"type": "window", "bytes": 0},
    ],
)
def test_what_breaks_the_protocol_goes_no_further(fields: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        from_visitor(fields, "vX", max_body=100)


def test_a_failure_tells_its_code_alone() -> None:
    assert json.loads(for_visitor(Error("vX", "upstream_cut", "for the log"))) == {
        "type": "error",
        "code": "upstream_cut",
    }
