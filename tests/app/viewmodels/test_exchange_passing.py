from __future__ import annotations

import random

import pytest
from pytestqt.qtbot import QtBot

from app.domain.exchange import Exchange
from app.viewmodels.exchange_passing import Passing
from app.viewmodels.exchange_row import ExchangeRow
from app.viewmodels.exchanges import ExchangeTableModel
from tests.app.fake_workspace import an_exchange


def row(second: int, status: int = 200) -> ExchangeRow:
    return ExchangeRow(an_exchange(status=status, started_ns=second), recorded=False)


def errors(exchange: Exchange) -> bool:
    return exchange.status == 500


def test_without_a_filter_everything_passes() -> None:
    passing = Passing()
    assert passing.passes(row(1))
    assert passing.ask([an_exchange()]) == {}
    assert not passing.filtered


def test_what_passed_one_filter_does_not_pass_the_next() -> None:
    passing, old, new = Passing(), row(1), row(2)
    for passes in (old, new):
        passing.begin(errors, [])
        passing.finish([])
        passing.let_through(passes)
    assert passing.passes(new)
    assert not passing.passes(old)
    passing.let_through(new, passes=False)
    assert not passing.passes(new)
    passing.clear()
    assert passing.passes(old)


def test_what_arrives_while_the_history_searches_counts_as_it_is_then() -> None:
    passing = Passing()
    running = row(1, 500)
    passing.begin(errors, [running])
    changed, arrived = an_exchange(status=200, started_ns=2), an_exchange(status=500, started_ns=3)
    passing.ask([changed, arrived])
    assert not passing.filtered, "the old rows stay"
    assert passing.finish([changed.id, "recorded"]) == ["recorded", running.exchange.id, arrived.id]
    assert passing.ask([changed, arrived]) == {changed.id: False, arrived.id: True}


@pytest.mark.parametrize("seed", range(8))
def test_the_list_is_what_a_simple_list_would_be(qtbot: QtBot, seed: int) -> None:
    chance = random.Random(seed)
    model = ExchangeTableModel(capacity=10_000)
    known: dict[str, Exchange] = {}
    wanted, scope, number = None, None, 0

    def matches(exchange: Exchange, status: int | None) -> bool:
        return status is None or exchange.status == status

    for _ in range(300):
        match chance.randrange(6):
            case 0 | 1:
                batch = []
                for _ in range(chance.randint(1, 5)):
                    number += 1
                    tunnel = chance.choice(["shop", "docs"])
                    status = chance.choice([None, 200, 500])
                    batch.append(an_exchange(status=status, tunnel=tunnel, started_ns=number))
                known.update((exchange.id, exchange) for exchange in batch)
                model.apply(chance.sample(batch, len(batch)))
            case 2:
                running = [exchange for exchange in known.values() if exchange.finished_ns is None]
                ended = chance.sample(running, min(len(running), 3))
                for exchange in ended:
                    exchange.status = chance.choice([200, 500])
                    exchange.finished_ns = exchange.started_ns + 1
                model.apply(ended)
            case 3:
                wanted = chance.choice([200, 500])
                model.begin_filter(lambda exchange, wanted=wanted: exchange.status == wanted)  # type: ignore[misc]
                found = [exchange for exchange in reversed(known.values()) if exchange.status == wanted]
                model.finish_filter([each for each in found if scope in (None, each.tunnel_id)], complete=True)
            case 4:
                wanted, scope = None, chance.choice([None, "shop", "docs"])
                model.set_scope(scope)
            case 5:
                finished = [exchange.id for exchange in known.values() if exchange.finished_ns is not None]
                gone = chance.sample(finished, min(len(finished), chance.choice([1, 3, 120])))
                for exchange_id in gone:
                    del known[exchange_id]
                model.remove(gone)
        shown = [model.at(place).exchange.id for place in range(model.rowCount())]
        assert shown == [
            exchange.id
            for exchange in sorted(known.values(), key=lambda each: each.started_ns, reverse=True)
            if scope in (None, exchange.tunnel_id) and matches(exchange, wanted)
        ]
