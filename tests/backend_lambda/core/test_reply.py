"""The frames of one reply, whatever order they arrive in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.core.reply import Frame, ReplyAssembler
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HELD
from backend_lambda.protocol.messages import Data, End, Error, Response
from backend_lambda.protocol.session import ReplyState

HEAD = Response("r1", 200, [], b"", end=False)


def data(seq: int) -> Data:
    return Data("r1", seq, b"%d" % seq)


def feed(assembler: ReplyAssembler, *messages: Frame) -> list[Frame]:
    return [frame for message in messages for frame in assembler.feed(message)]


@given(st.data())
def test_any_order_with_duplicates_gives_the_reply_once(data_: st.DataObject) -> None:
    count = data_.draw(st.integers(0, 30))
    sent: list[Frame] = [HEAD, *map(data, range(count)), End("r1", count)]
    arrives = data_.draw(st.permutations(sent + data_.draw(st.lists(st.sampled_from(sent), max_size=10))))
    assembler = ReplyAssembler()
    assert feed(assembler, *arrives) == sent
    assert assembler.state is ReplyState.DONE
    assert assembler.held_bytes == 0


def test_a_complete_response_is_all() -> None:
    assembler = ReplyAssembler()
    whole = Response("r1", 200, [], b"hi")
    assert feed(assembler, whole, whole, data(0), End("r1", 1), Error("r1", "upstream_cut")) == [whole]


@pytest.mark.parametrize(
    "before", [[], [HEAD], [HEAD, data(0)], [data(1)]], ids=["first", "head", "data", "early data"]
)
def test_an_error_ends_it(before: list[Frame]) -> None:
    assembler = ReplyAssembler()
    feed(assembler, *before)
    error = Error("r1", "upstream_cut")
    assert feed(assembler, error, HEAD, data(7), End("r1", 1), error) == [error]
    assert assembler.state is ReplyState.DONE


def test_what_comes_before_the_head_is_bounded() -> None:
    assembler = ReplyAssembler()
    feed(assembler, *map(data, range(MAX_HELD)))
    assert assembler.held_bytes == sum(len(b"%d" % seq) for seq in range(MAX_HELD))
    with pytest.raises(ProtocolError, match="data without response"):
        assembler.feed(data(MAX_HELD))


def test_early_data_for_a_complete_response_makes_no_sense() -> None:
    assembler = ReplyAssembler()
    feed(assembler, data(0))
    with pytest.raises(ProtocolError, match="complete response"):
        assembler.feed(Response("r1", 200, [], b"hi"))


def test_contradictions_show_even_when_they_come_before_the_head() -> None:
    assembler = ReplyAssembler()
    feed(assembler, data(3), End("r1", 2))
    with pytest.raises(ProtocolError, match="out_of_order"):
        assembler.feed(HEAD)
