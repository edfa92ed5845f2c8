from __future__ import annotations

import pytest

from app.domain.exchange import Exchange
from app.viewmodels.waiting_news import WaitingNews
from tests.app.fake_workspace import an_exchange


class Asked:
    """Errors are news; remembers of what it was asked."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.least = 500

    def __call__(self, exchange: Exchange) -> bool:
        self.ids.append(exchange.id)
        return (exchange.status or 0) >= self.least


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_each_is_asked_of_once(asked: Asked) -> None:
    news = WaitingNews(asked)
    news.add(an_exchange(status=500, started_ns=1))
    news.add(an_exchange(status=200, started_ns=2))
    assert [news.count(), news.count()] == [1, 1]
    assert len(asked.ids) == 2


def test_what_has_changed_is_asked_of_again(asked: Asked) -> None:
    news = WaitingNews(asked)
    exchange = an_exchange(status=None, started_ns=1)
    news.add(exchange)
    assert news.count() == 0
    exchange.status = 502
    news.add(exchange)
    assert news.count() == 1
    exchange.status = 200
    news.add(exchange)
    assert news.count() == 0


def test_what_fell_out_is_not_counted(asked: Asked) -> None:
    news = WaitingNews(asked)
    first, second = an_exchange(status=500, started_ns=1), an_exchange(status=500, started_ns=2)
    news.add(first)
    assert news.count() == 1
    news.add(second)
    for exchange in (first, second):
        news.forget(exchange.id)
    assert news.count() == 0
    news.add(first)
    news.clear()
    assert news.count() == 0


def test_a_new_filter_is_asked_of_all_in_steps(asked: Asked) -> None:
    news = WaitingNews(asked)
    waiting = [an_exchange(status=404, started_ns=n) for n in range(2_500)]
    for exchange in waiting:
        news.add(exchange)
    assert [news.count() for _ in range(3)] == [0, 0, 0]
    asked.least, asked.ids = 400, []
    news.ask_again(waiting[500:])
    assert [news.count() for _ in range(3)] == [1_000, 2_000, 2_000]
    assert len(asked.ids) == 2_000
