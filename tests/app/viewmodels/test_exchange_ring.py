from __future__ import annotations

from app.domain.exchange import Exchange
from app.viewmodels.exchange_ring import ExchangeRing
from tests.app.fake_workspace import an_exchange


def at(second: int, tunnel: str = "shop", status: int | None = 200) -> Exchange:
    return an_exchange(status=status, tunnel=tunnel, started_ns=second * 10**9)


def seconds(ring: ExchangeRing) -> list[int]:
    return [row.exchange.started_ns // 10**9 for row in ring.rows]


def test_rows_are_sorted_and_known_ones_are_renewed() -> None:
    ring = ExchangeRing(10, 2)
    running = at(2, status=None)
    fresh, changed = ring.update([at(3), running], 0)
    assert [row.exchange.id for row in fresh] == [at(2).id, at(3).id]
    assert changed == []
    assert list(ring.running) == [running.id]
    fresh, changed = ring.update([at(2), at(3), at(1)], 0)
    assert [row.exchange.id for row in fresh] == [at(1).id]
    assert [row.exchange.id for row in changed] == [at(2).id]
    assert ring.running == {}
    assert seconds(ring) == [1, 2, 3]


def test_trimming_says_how_far_and_what_is_gone_stays_gone() -> None:
    ring = ExchangeRing(4, 2)
    ring.update([at(second) for second in range(1, 5)], 0)
    assert ring.trim(None) is None
    ring.update([at(5)], 0)
    assert ring.trim(None) == (2 * 10**9, at(2).id)
    assert ring.update([at(1)], 0) == ([], [])
    assert seconds(ring) == [3, 4, 5]
    assert ring.get(at(1).id) is None


def test_rows_out_of_scope_go_first_and_then_the_rest_is_incomplete() -> None:
    ring = ExchangeRing(4, 2)
    ring.update([at(1), at(2, "docs"), at(3, "docs"), at(4), at(5)], 0)
    assert ring.trim("shop") is None
    assert seconds(ring) == [1, 4, 5]
    ring.drop_incomplete()
    assert seconds(ring) == [4, 5]


def test_recorded_rows_belong_to_one_scope() -> None:
    ring = ExchangeRing(10, 2)
    ring.update([at(5)], 0)
    ring.add_recorded([at(5), at(4), at(3)])
    assert seconds(ring) == [3, 4, 5]
    ring.drop_incomplete()
    assert seconds(ring) == [5]


def test_replays_are_found_until_they_are_gone() -> None:
    ring = ExchangeRing(300, 2)
    family = [at(second) for second in range(2, 252)]
    for replay in family:
        replay.replay_of = "original"
    ring.update([at(1), *reversed(family)], 0)
    assert [row.exchange for row in ring.replays_of("original")] == family
    ring.remove([replay.id for replay in family[1:]])
    assert [row.exchange for row in ring.replays_of("original")] == family[:1]
    ring.remove([family[0].id, "unknown"])
    assert ring.replays_of("original") == []
    assert seconds(ring) == [1]


def test_few_or_many_are_taken_out_alike() -> None:
    for count in (1, 100, 101, 180, 200):
        ring = ExchangeRing(300, 2)
        ring.update([at(second) for second in range(200)], 0)
        gone = [at(second).id for second in range(0, 200)][-count:]
        assert [row.exchange.id for row in ring.remove(gone)] == gone
        assert seconds(ring) == list(range(200 - count))
        assert all(ring.get(exchange_id) is None for exchange_id in gone)


def test_only_what_runs_is_kept_when_the_rest_is_fetched_anew() -> None:
    ring = ExchangeRing(10, 2)
    running = at(2, status=None)
    ring.update([at(1), running], 0)
    ring.add_recorded([at(3)])
    assert len(ring.forget_finished()) == 3
    assert seconds(ring) == [2]
    assert list(ring.running) == [running.id]
