"""Requests that lost their prefix: sent back by their Referer, by the page that knows the tab, or not at all."""

from __future__ import annotations

import re

import pytest

from backend_lambda.core.model import PublicResponse, header
from backend_lambda.core.recovery import origin_of
from backend_lambda.protocol.messages import Headers, Leak
from tests.backend_lambda.core.stage import Stage, settle

PAGE = "http://127.0.0.1:4780/shop/a/b?c"


def from_page(referer: str = PAGE, *, destination: str = "image", mode: str = "no-cors") -> Headers:
    return [
        ("Referer", referer),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Dest", destination),
        ("Sec-Fetch-Mode", mode),
    ]


async def ask(stage: Stage, method: str, target: str, headers: Headers, **kwargs: str) -> PublicResponse:
    return await stage.visitor(method, target, headers, **kwargs).answer()  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("target", ["/api/users?x=1&x=2", "/", "/a%2Fb//c", "/nobody"])
async def test_a_leak_goes_back_to_the_page_that_asked_and_its_agent_hears_of_it(
    stage: Stage, method: str, target: str
) -> None:
    agent = await stage.agent()
    answer = await ask(stage, method, target, from_page())
    assert (answer.status, header(answer.headers, "location")) == (307, f"/shop{target}")
    assert header(answer.headers, "x-hatchway-recovered") == "referer"
    assert header(answer.headers, "cache-control") == "no-store"
    assert await agent.hears(Leak) == Leak(method, target, "/a/b")


async def test_navigations_with_a_referer_go_back_too(stage: Stage) -> None:
    agent = await stage.agent()
    answer = await ask(stage, "GET", "/next", from_page(destination="document", mode="navigate"))
    assert (answer.status, header(answer.headers, "location")) == (307, "/shop/next")
    assert (await agent.hears(Leak)).target == "/next"


@pytest.mark.parametrize(
    "referer",
    [
        pytest.param("", id="none"),
        pytest.param("http://127.0.0.1:4780/", id="root"),
        pytest.param("http://127.0.0.1:4780/shop", id="no-path-below"),
        pytest.param("http://127.0.0.1:4781/shop/", id="another-port"),
        pytest.param("http://evil.example/shop/", id="another-host"),
        pytest.param("ftp://127.0.0.1:4780/shop/", id="another-scheme"),
        pytest.param("http://127.0.0.1:4780/other/", id="no-such-tunnel"),
        pytest.param("http://[::1/shop/", id="no-url"),
        pytest.param("http://127.0.0.1:4780/UPPER/", id="no-name"),
    ],
)
async def test_other_referers_lead_nowhere(stage: Stage, referer: str) -> None:
    agent = await stage.agent()
    assert (await ask(stage, "GET", "/api", from_page(referer))).status == 404
    await agent.hears_nothing()


async def test_cookies_and_what_was_used_last_lead_nowhere(stage: Stage) -> None:
    await stage.agent()
    answer = await ask(stage, "GET", "/api", [("Cookie", "hw_strip=1; hw_tunnel=shop; shop=1")])
    assert answer.status == 404


@pytest.mark.parametrize("mode", ["raw", "static", "host"])
async def test_modes_without_the_runtime_recover_nothing(stage: Stage, mode: str) -> None:
    agent = await stage.agent(mode=mode)
    assert (await ask(stage, "GET", "/api", from_page())).status == 404
    await agent.hears_nothing()


async def test_a_tunnel_whose_agent_is_away_still_takes_its_own_back(stage: Stage) -> None:
    agent = await stage.agent()
    await stage.tunnels.release("shop", agent.connection_id, forget=False)
    assert (await ask(stage, "GET", "/api", from_page())).status == 307


async def test_the_icon_that_browsers_look_for_by_themselves_is_no_leak(stage: Stage) -> None:
    agent = await stage.agent()
    assert (await ask(stage, "GET", "/favicon.ico", from_page())).status == 307
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("cookie", "status"), [("", 404), ("hw_strip=1", 200), ("a=1; hw_strip=1", 200), ("xhw_strip=1", 404)]
)
async def test_navigations_without_a_referer_get_a_page_that_looks_into_the_tab(
    stage: Stage, cookie: str, status: int
) -> None:
    await stage.agent()
    navigation = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Cookie", cookie)]
    answer = await ask(stage, "GET", "/users/2?tab=1", navigation)
    assert answer.status == status
    assert header(answer.headers, "cache-control") == "no-store"
    policy = header(answer.headers, "content-security-policy") or ""
    assert re.search(r"script-src 'sha256-[\w+/=]+'", policy)
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    assert isinstance(answer.body, bytes)
    assert b"sessionStorage" in answer.body
    assert b"shop" not in answer.body


async def test_pages_without_their_prefix_come_back_as_a_reload_does(stage: Stage) -> None:
    """A redirect would lose `history.state`; and a reload of such a page is no leak."""
    agent = await stage.agent(mode="spa")
    answer = await ask(stage, "GET", "/users/2", from_page(destination="document", mode="navigate"))
    assert answer.status == 200
    assert isinstance(answer.body, bytes)
    assert b"p='/shop'" in answer.body
    assert b"sessionStorage" not in answer.body
    await agent.hears_nothing()
    assert (await ask(stage, "GET", "/api", from_page())).status == 307


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("Accept", "text/html,application/xhtml+xml,*/*")], id="browser-on-plain-http"),
        pytest.param([("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")], id="frame"),
    ],
)
async def test_what_else_is_a_navigation(stage: Stage, headers: Headers) -> None:
    answer = await ask(stage, "GET", "/users", headers)
    assert isinstance(answer.body, bytes)
    assert b"sessionStorage" in answer.body


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("POST", [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")], id="post"),
        pytest.param("GET", [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")], id="fetch"),
        pytest.param("GET", [("Accept", "*/*")], id="curl"),
    ],
)
async def test_what_is_no_navigation_gets_the_plain_failure(stage: Stage, method: str, headers: Headers) -> None:
    answer = await ask(stage, method, "/users", headers)
    assert answer.status == 404
    assert isinstance(answer.body, bytes)
    assert b"sessionStorage" not in answer.body


async def test_pages_of_one_tunnel_do_not_reach_another_one(stage: Stage) -> None:
    """Its requests have only lost their prefix, and look as if they named the other tunnel."""
    shop, docs = await stage.agent(), await stage.agent("docs")
    answer = await ask(stage, "GET", "/docs/secret", from_page(destination="empty", mode="cors"))
    assert (answer.status, header(answer.headers, "location")) == (307, "/shop/docs/secret")
    assert await shop.hears(Leak) == Leak("GET", "/docs/secret", "/a/b")
    await docs.hears_nothing()


async def test_without_the_runtime_such_requests_are_refused(stage: Stage) -> None:
    await stage.agent(mode="static")
    docs = await stage.agent("docs")
    answer = await ask(stage, "GET", "/docs/secret", from_page(destination="empty", mode="cors"))
    assert (answer.status, header(answer.headers, "x-hatchway-error")) == (403, "other_tunnel")
    await docs.hears_nothing()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(from_page(destination="document", mode="navigate"), id="links"),
        pytest.param([("Referer", PAGE)], id="no-fetch-metadata"),
        pytest.param(from_page("http://127.0.0.1:4780/gone/"), id="page-of-no-tunnel"),
        pytest.param(from_page("http://127.0.0.1:4780/docs/"), id="own-page"),
    ],
)
async def test_everything_else_goes_where_it_says(stage: Stage, headers: Headers) -> None:
    await stage.agent()
    docs = await stage.agent("docs")
    visit = stage.visitor("GET", "/docs/x", headers)
    await settle()
    assert visit.waits
    assert (await docs.hears(object)).target == "/x"  # type: ignore[attr-defined]
    await visit.leaves()


async def test_on_hosts_of_their_own_nothing_is_recovered(stage: Stage) -> None:
    await stage.agent()
    headers = from_page("http://gone.localhost:4780/shop/", destination="document", mode="navigate")
    answer = await ask(stage, "GET", "/x", headers, host="gone.localhost:4780")
    assert answer.status == 404
    assert isinstance(answer.body, bytes)
    assert b"sessionStorage" not in answer.body


def test_the_page_in_a_referer_is_told_in_the_apps_view(stage: Stage) -> None:
    request = stage.request("GET", "/x")
    origin = origin_of(request, "https://127.0.0.1:4780/shop//a/../b?c#d")
    assert origin is not None
    assert (origin.tunnel, origin.page) == ("shop", "//a/../b")
