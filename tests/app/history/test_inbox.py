from __future__ import annotations

from collections.abc import Callable

from app.domain.events import (
    ExchangeFinished,
    ExchangeResponded,
    ExchangeRewritten,
    ExchangeStarted,
    FrameSeen,
    TunnelRemoved,
)
from app.domain.exchange import Body, Exchange, Rewriting
from app.domain.frame import Frame
from app.history.inbox import Batch, Inbox


def take(inbox: Inbox, limit: int = 100) -> dict[str, bool]:
    batch = Batch()
    inbox.take(batch, limit)
    return {id_: finished for id_, (_, finished) in batch.exchanges.items()}


def rewriting_of(exchange: Exchange, kind: str = "html") -> ExchangeRewritten:
    return ExchangeRewritten(exchange.id, exchange.tunnel_id, exchange.tunnel, Rewriting(kind))


def test_the_events_of_one_exchange_become_one_entry(exchange: Callable[..., Exchange]) -> None:
    inbox, one, two = Inbox(), exchange(), exchange()
    for event in (ExchangeStarted(one), ExchangeStarted(two), ExchangeResponded(one), ExchangeFinished(one)):
        inbox.offer(event)
    assert take(inbox) == {one.id: True, two.id: False}


def test_what_rewriting_did_is_apart_and_counts_for_the_limit(exchange: Callable[..., Exchange]) -> None:
    inbox, one, two = Inbox(), exchange(), exchange()
    for event in (ExchangeFinished(one), rewriting_of(one), ExchangeFinished(two), rewriting_of(two, "css")):
        inbox.offer(event)
    batch = Batch()
    inbox.take(batch, 3)
    assert (list(batch.exchanges), batch.rewritings) == ([one.id, two.id], {one.id: rewriting_of(one)})
    assert inbox
    inbox.take(batch, 100)
    assert batch.rewritings == {one.id: rewriting_of(one), two.id: rewriting_of(two, "css")}
    assert not inbox
    assert not inbox.idle
    inbox.settle()
    assert inbox.idle


def test_what_rewriting_did_gives_way_to_the_ends(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox(max_events=4)
    one = exchange()
    for _ in range(4):
        inbox.offer(rewriting_of(one))
    inbox.offer(ExchangeFinished(one))
    assert take(inbox) == {one.id: True}
    assert inbox.refused == 0


def test_other_events_are_ignored() -> None:
    inbox = Inbox()
    inbox.offer(TunnelRemoved("t1"))
    assert not inbox
    assert inbox.idle
    assert not inbox.wake.is_set()


def test_the_writer_is_woken_once_until_it_has_taken(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox()
    inbox.offer(ExchangeStarted(exchange()))
    assert inbox.wake.is_set()
    take(inbox)
    assert not inbox.wake.is_set()
    inbox.offer(ExchangeStarted(exchange()))
    assert inbox.wake.is_set()


def test_it_is_idle_only_when_the_batch_is_settled(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox()
    inbox.offer(ExchangeFinished(exchange()))
    assert not inbox.idle
    take(inbox)
    assert not inbox.idle
    inbox.settle()
    assert inbox.idle


def test_a_full_queue_drops_and_counts_finished_exchanges(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox(max_events=3)
    made = [exchange() for _ in range(5)]
    for one in made:
        inbox.offer(ExchangeFinished(one))
    assert inbox.refused == 2
    assert list(inbox.lost) == [(3, made[3].id), (3, made[4].id)]
    assert len(take(inbox)) == 3


def test_the_last_quarter_is_for_finished_exchanges(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox(max_events=4)
    for _ in range(4):
        inbox.offer(ExchangeStarted(exchange()))
    inbox.offer(ExchangeFinished(exchange()))
    assert sorted(take(inbox).values()) == [False, False, False, True]
    assert inbox.refused == 0


def test_waiting_bodies_are_limited_in_bytes(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox(max_bytes=1000)
    big = [exchange(request_body=Body(b""), body=b"x" * 600) for _ in range(3)]
    inbox.offer(ExchangeFinished(big[0]))
    inbox.offer(ExchangeFinished(big[1]))
    assert inbox.refused == 1
    take(inbox)
    inbox.offer(ExchangeFinished(big[1]))
    assert inbox.refused == 2, "taken but not written yet: it is still in memory"
    inbox.settle()
    inbox.offer(ExchangeFinished(big[2]))
    assert inbox.refused == 2


def test_one_body_larger_than_the_limit_is_accepted_if_nothing_waits(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox(max_bytes=10)
    inbox.offer(ExchangeFinished(exchange(body=b"x" * 100)))
    assert inbox.refused == 0


def test_after_closing_nothing_is_accepted(exchange: Callable[..., Exchange]) -> None:
    inbox = Inbox()
    inbox.closed = True
    inbox.offer(ExchangeStarted(exchange()))
    inbox.offer(ExchangeFinished(exchange()))
    assert not inbox
    assert inbox.refused == 1


def frame_of(exchange: Exchange, number: int, data: bytes) -> FrameSeen:
    return FrameSeen(exchange.id, exchange.tunnel_id, Frame(number, "visitor", "text", 1, data, len(data)))


def test_frames_come_in_order_and_leave_room_for_exchanges(exchange: Callable[..., Exchange]) -> None:
    inbox, one = Inbox(max_bytes=1000), exchange(request_body=Body(b""), body=b"x" * 400)
    for number in range(3):
        inbox.offer(frame_of(one, number, b"y" * 200))
    assert inbox.refused == 1, "frames may take half of the memory"
    inbox.offer(ExchangeFinished(one))
    assert inbox.refused == 1
    batch = Batch()
    inbox.take(batch, 100)
    assert [event.frame.number for event in batch.frames] == [0, 1]
    inbox.settle()
    inbox.offer(frame_of(one, 3, b"y" * 500))
    assert inbox.refused == 1, "what is written needs no memory"
