from __future__ import annotations

from collections.abc import Callable

from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.verdict import Verdict
from app.filter.fields import FIELDS
from app.filter.filter import parse
from app.history.store import History

JSON = (("Content-Type", "application/json; charset=utf-8"), ("X-Cache", "hit"))


async def filled(history: History, exchange: Callable[..., Exchange]) -> list[Exchange]:
    made = [
        exchange(id="1", method="GET", status=None, state=ExchangeState.FAILED, response_headers=()),
        exchange(id="2", status=502, response_headers=JSON, visitor="10.0.0.7", tunnel_id="t2", tunnel="docs"),
        exchange(id="3", replay_of="2", verdict=Verdict.FIXED, pinned=True, note="x", leak="/p", request_body=Body()),
        exchange(id="4", kind="websocket", status=101, response_headers=(("content-type", "text/event-stream"),)),
    ]
    await history.add(made)
    return made


async def test_headers_are_counted_once_for_each_exchange(history: History, exchange: Callable[..., Exchange]) -> None:
    await filled(history, exchange)
    assert await history.values("req.header", "x") == [("x-one", 4)]
    assert dict(await history.values("resp.header")) == {"content-type": 3, "x-cache": 1}
    assert dict(await history.values("header")) == {"host": 4, "x-one": 4, "content-type": 3, "x-cache": 1}


async def test_types_upstreams_visitors_and_verdicts(history: History, exchange: Callable[..., Exchange]) -> None:
    await filled(history, exchange)
    assert ("application/json", 1) in await history.values("type")
    assert await history.values("upstream") == [("http://localhost:3000", 4)]
    assert await history.values("visitor") == [("10.0.0.7", 1)]
    assert await history.values("verdict") == [("fixed", 1)]
    assert await history.values("tunnel", "", tunnel_id="t2") == [("docs", 1)]


async def test_signatures_are_counted_by_provider(history: History, exchange: Callable[..., Exchange]) -> None:
    for number, name in enumerate(("Stripe-Signature", "X-Hub-Signature-256", "stripe-signature", "X-Other")):
        await history.add([exchange(id=f"{number}", request_headers=((name, "x"),))])
    assert await history.values("sig") == [("any", 3), ("stripe", 2), ("github", 1)]


async def test_choices_are_counted_as_they_match(history: History, exchange: Callable[..., Exchange]) -> None:
    made = await filled(history, exchange)
    for field in FIELDS:
        if field.name in ("is", "has"):
            counts = dict(await history.values(field.name))
            assert counts == {
                choice: sum(parse(f"{field.name}:{choice}").matches(each) for each in made) for choice in field.choices
            }
    assert await history.values("is", "we") == [("websocket", 1)]
    assert dict(await history.values("has", "re", tunnel_id="t2")) == {"response": 1, "req.body": 1, "resp.body": 1}


async def test_an_empty_history_counts_nothing(history: History) -> None:
    assert dict(await history.values("is", "e")) == {"error": 0}
    assert await history.values("method") == []
