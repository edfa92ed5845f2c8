"""A page of the service in Chromium, by both URLs, with everything that a page does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import Service

if TYPE_CHECKING:
    from playwright.async_api import Page


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["path", "host"])
async def test_a_page_works_through_the_tunnel(start: Start, service: Service, page: Page, kind: str) -> None:
    hatchway = await start("http", str(service.port), "--name", "shop", "--json")
    urls = (await hatchway.event("tunnel.online"))["urls"]
    answer = await page.goto(urls[kind])
    assert answer is not None
    assert answer.status == 200
    assert await page.title() == "A service"
    await page.wait_for_function("window.fetched && window.heard && window.numbers")
    fetched = await page.evaluate("window.fetched")
    assert (fetched["method"], fetched["query"], fetched["size"]) == ("POST", "from=page", 13)
    assert await page.evaluate("window.heard") == "marco polo"
    assert await page.evaluate("window.numbers") == ["1", "2", "3"]
    for request, kind_of_it in (
        ("/", "http"),
        ("/api/echo?from=page", "http"),
        ("/ws", "websocket"),
        ("/events?count=3", "http"),
    ):
        started = await hatchway.event("request.started", path=request)
        finished = await hatchway.event("request.finished", id=started["id"])
        assert (started["kind"], finished["path"]) == (kind_of_it, request)
    socket = next(event for event in hatchway.events if event["event"] == "request.finished" and event["path"] == "/ws")
    assert (socket["state"], socket["status"]) == ("done", 101)
