"""Any order, any duplicates: in order, exactly once, with bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HELD
from backend_lambda.protocol.messages import Data, End
from backend_lambda.protocol.sequence import Sequencer


def data(seq: int) -> Data:
    return Data("r1", seq, b"%d" % seq)


def feed(sequencer: Sequencer, *messages: Data | End) -> list[Data | End]:
    return [ready for message in messages for ready in sequencer.accept(message)]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Data | End], list[Data | End]]:
    """(what was sent, how it arrives): any permutation within the window, with duplicates."""
    count = draw(st.integers(0, MAX_HELD))
    sent: list[Data | End] = [*map(data, range(count)), End("r1", count)]
    arrives = draw(st.permutations(sent + draw(st.lists(st.sampled_from(sent), max_size=10))))
    return sent, arrives


@given(deliveries())
def test_any_permutation_with_duplicates_comes_out_in_order_exactly_once(
    delivery: tuple[list[Data | End], list[Data | End]],
) -> None:
    sent, arrives = delivery
    sequencer = Sequencer()
    assert feed(sequencer, *arrives) == sent
    assert sequencer.held_bytes == 0


@given(st.lists(st.integers(0, 3 * MAX_HELD), max_size=300))
def test_what_is_held_stays_bounded(seqs: list[int]) -> None:
    sequencer = Sequencer()
    out: list[Data | End] = []
    codes = set()
    largest = len(b"%d" % (3 * MAX_HELD))
    for seq in seqs:
        try:
            out += sequencer.accept(data(seq))
        except ProtocolError as error:
            codes.add(error.code)
        assert sequencer.held_bytes <= MAX_HELD * largest
    assert out == [data(seq) for seq in range(len(out))]
    assert codes <= {"out_of_order"}


def test_in_order_nothing_is_held() -> None:
    sequencer = Sequencer()
    for seq in range(1000):
        assert sequencer.accept(data(seq)) == [data(seq)]
    assert sequencer.accept(End("r1", 1000)) == [End("r1", 1000)]


def test_the_gap_may_be_as_wide_as_the_window_and_no_wider() -> None:
    sequencer = Sequencer()
    assert sequencer.accept(data(MAX_HELD)) == []
    with pytest.raises(ProtocolError, match="too many data missing"):
        sequencer.accept(data(MAX_HELD + 1))
    with pytest.raises(ProtocolError, match="too many data missing"):
        Sequencer().accept(End("r1", MAX_HELD + 1))


@pytest.mark.parametrize(
    "messages",
    [(data(0), data(1), End("r1", 1)), (data(1), End("r1", 1)), (End("r1", 2), data(2)), (End("r1", 2), End("r1", 3)),
     (End("r1", 0), data(0)), (data(0), End("r1", 1), End("r1", 2))],
    ids=["end below what came", "end below what is held", "data after end", "two ends", "data of nothing", "late end"],
)  # fmt: skip
def test_contradictions(messages: tuple[Data | End, ...]) -> None:
    sequencer = Sequencer()
    feed(sequencer, *messages[:-1])
    with pytest.raises(ProtocolError) as raised:
        sequencer.accept(messages[-1])
    assert raised.value.code == "out_of_order"


def test_duplicates_after_the_end_are_dropped() -> None:
    sequencer = Sequencer()
    feed(sequencer, data(0), End("r1", 1))
    assert feed(sequencer, data(0), End("r1", 1)) == []
