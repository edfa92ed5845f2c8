"""Answers on their way through the rewriter: as one message, in pieces, and what is told and remembered of them."""

from __future__ import annotations

import gzip
import secrets

import pytest

from backend_lambda.core.model import PublicResponse, ResponseCut, header
from backend_lambda.protocol.messages import Data, End, Headers, Report, Request, Response
from tests.backend_lambda.core.stage import Agent, Stage, settle

PAGE = (
    b"<!doctype html><html><head></head><body><p>Something to read, in several words of text.</p>"
    b'<a href="/x">x</a></body></html>'
)
SHELL = b'<!doctype html><head><script type=module src="/main.js"></script></head><body><div id="root"></div></body>'
NAVIGATION: Headers = [("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Mode", "navigate"), ("Accept-Encoding", "gzip, br")]
HTML = ("Content-Type", "text/html; charset=utf-8")


@pytest.fixture
def stage() -> Stage:
    return Stage(inline=65_536, chunk=65_536, window=1 << 20)


@pytest.fixture
async def agent(stage: Stage) -> Agent:
    return await stage.agent()


async def visit(
    stage: Stage, agent: Agent, body: bytes, *fields: tuple[str, str], target: str = "/shop/a/b",
    headers: Headers = NAVIGATION, status: int = 200,
) -> PublicResponse:  # fmt: skip
    """An answer in one message."""
    visit = stage.visitor("GET", target, headers)
    request = await agent.hears(Request)
    agent.says(Response(request.id, status, [*fields], body))
    return await visit.answer()


def text_of(answer: PublicResponse) -> str:
    assert isinstance(answer.body, bytes)
    coded = header(answer.headers, "content-encoding") == "gzip"
    return (gzip.decompress(answer.body) if coded else answer.body).decode()


async def test_a_page_is_rewritten_and_its_agent_hears_how(stage: Stage, agent: Agent) -> None:
    answer = await visit(stage, agent, PAGE, HTML, ("Content-Length", str(len(PAGE))))
    assert '<a href="/shop/x">' in text_of(answer)
    assert "/shop/__hw/rt-" in text_of(answer)
    assert header(answer.headers, "x-hatchway-rewrite") == "L0, L1, L2, L3, L4"
    assert header(answer.headers, "content-length") is None
    report = await agent.hears(Report)
    assert (report.kind, report.layers) == ("html", ["L0", "L1", "L2", "L3", "L4"])
    assert report.edits == {"url": 1, "runtime": 1, "import-map": 1}


async def test_an_answer_without_anything_to_change_is_not_reported(stage: Stage, agent: Agent) -> None:
    answer = await visit(stage, agent, b'{"a": "/x"}', ("Content-Type", "application/json"))
    assert answer.body == b'{"a": "/x"}'
    assert header(answer.headers, "x-hatchway-rewrite") == "L0"
    await agent.hears_nothing()


async def test_the_head_alone_is_reported_too(stage: Stage, agent: Agent) -> None:
    await visit(stage, agent, b"", ("Location", "/y"), ("Set-Cookie", "a=1; Path=/"), status=302)
    report = await agent.hears(Report)
    assert (report.kind, report.layers, report.edits) == ("", ["L0"], {"location": 1, "cookie": 1})


async def test_the_report_goes_with_the_request_that_it_is_about(stage: Stage, agent: Agent) -> None:
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], PAGE))
    await running.answer()
    assert (await agent.hears(Report)).id == request.id


async def test_a_page_in_pieces_is_the_same_page(stage: Stage, agent: Agent) -> None:
    whole = text_of(await visit(stage, agent, PAGE, HTML))
    await agent.hears(Report)
    running = stage.visitor("GET", "/shop/a/b", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], end=False))
    pieces = [PAGE[at : at + 9] for at in range(0, len(PAGE), 9)]
    agent.says(*(Data(request.id, seq, piece) for seq, piece in enumerate(pieces)), End(request.id, len(pieces)))
    answer, body = await running.streams()
    assert b"".join([piece async for piece in body]).decode() == whole
    assert header(answer.headers, "x-hatchway-rewrite") == "L0, L1, L2, L3, L4"


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_packed_pages_are_unpacked_and_packed_again(stage: Stage, agent: Agent, size: int) -> None:
    packed = gzip.compress(PAGE)
    running = stage.visitor("GET", "/shop/a/b", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML, ("Content-Encoding", "gzip")], end=False))
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    agent.says(*(Data(request.id, seq, piece) for seq, piece in enumerate(pieces)), End(request.id, len(pieces)))
    answer, body = await running.streams()
    assert header(answer.headers, "content-encoding") == "gzip"
    assert b'<a href="/shop/x">' in gzip.decompress(b"".join([piece async for piece in body]))


async def test_a_page_that_pauses_is_shown_up_to_there(stage: Stage, agent: Agent) -> None:
    """H27: nothing but an unfinished tag is held back, packed or not."""
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], end=False), Data(request.id, 0, PAGE[:-30]))
    _, body = await running.streams()
    assert b"Something to read" in await anext(body)
    agent.says(Data(request.id, 1, PAGE[-30:]), End(request.id, 2))
    assert b"</html>" in b"".join([piece async for piece in body])


async def test_a_broken_coding_cuts_a_stream_and_passes_a_whole_body(stage: Stage, agent: Agent) -> None:
    fields = [HTML, ("Content-Encoding", "gzip")]
    broken = gzip.compress(PAGE * 40)[:-20] + b"x" * 20
    answer = await visit(stage, agent, broken, *fields)
    assert (answer.body, header(answer.headers, "content-encoding")) == (broken, "gzip")
    assert (await agent.hears(Report)).notes == ["content-coding"]
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    beginning = gzip.compress(PAGE + secrets.token_hex(5000).encode())[:2000]
    agent.says(Response(request.id, 200, fields, end=False), Data(request.id, 0, beginning))
    _, body = await running.streams()
    agent.says(Data(request.id, 1, b"x" * 2000), End(request.id, 2))
    with pytest.raises(ResponseCut):
        [piece async for piece in body]


async def test_bodies_that_never_decide_end_all_the_same(stage: Stage, agent: Agent) -> None:
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], end=False), End(request.id, 0))
    answer, body = await running.streams()
    assert [piece async for piece in body] == []
    assert header(answer.headers, "x-hatchway-rewrite") is not None


async def test_an_agent_that_vanishes_before_the_page_is_decided_cuts_it(stage: Stage, agent: Agent) -> None:
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], end=False), Data(request.id, 0, b"<html"))
    await settle()
    agent.vanishes()
    with pytest.raises(ResponseCut):
        await running.answer()
    assert stage.waiting == 0


async def test_a_visitor_who_leaves_before_the_page_is_decided_cancels(stage: Stage, agent: Agent) -> None:
    running = stage.visitor("GET", "/shop/", NAVIGATION)
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, [HTML], end=False), Data(request.id, 0, b"<html"))
    await settle()
    await running.leaves()
    assert stage.waiting == 0
    assert (await agent.hears(object)).id == request.id  # type: ignore[attr-defined]


async def test_a_shell_makes_the_tunnel_one_of_a_single_page_app(stage: Stage, agent: Agent) -> None:
    first = await visit(stage, agent, PAGE, HTML)
    assert header(first.headers, "x-hatchway-rewrite") == "L0, L1, L2, L3, L4"
    await agent.hears(Report)
    shell = await visit(stage, agent, SHELL, HTML)
    assert header(shell.headers, "x-hatchway-rewrite") == "L0, L1, L2, L3, L4, L5"
    assert '"strip":true' in text_of(shell)
    assert any("hw_strip=1" in value for name, value in shell.headers if name == "Set-Cookie")
    await agent.hears(Report)
    later = await visit(stage, agent, PAGE, HTML)
    assert '"strip":true' in text_of(later)


@pytest.mark.parametrize("mode", ["app", "static", "raw", "host"])
async def test_other_modes_never_become_it(stage: Stage, mode: str) -> None:
    agent = await stage.agent(mode=mode)
    for _ in range(2):
        answer = await visit(stage, agent, SHELL, HTML, headers=[("Accept", "text/html,application/xhtml+xml")])
        assert '"strip":true' not in text_of(answer)
        await settle()
        while not agent._heard.empty():
            await agent.hears(Report)


async def test_what_fetch_loads_shows_nothing(stage: Stage, agent: Agent) -> None:
    headers = [("Sec-Fetch-Dest", "empty"), ("Sec-Fetch-Mode", "cors")]
    answer = await visit(stage, agent, SHELL, HTML, headers=headers)
    assert header(answer.headers, "x-hatchway-rewrite") == "L0, L1, L2, L3, L4"


async def test_mode_host_leads_pages_to_the_tunnels_own_host() -> None:
    stage = Stage(host_url=lambda name: f"http://{name}.localhost:4780/")
    agent = await stage.agent(mode="host")
    answer = await stage.visitor("GET", "/shop/a?b", NAVIGATION).answer()
    assert (answer.status, header(answer.headers, "location")) == (307, "http://shop.localhost:4780/a?b")
    api = await visit(stage, agent, b"{}", headers=[])
    assert (api.status, api.body) == (200, b"{}")


async def test_what_a_worker_imports_is_a_workers_script_j2(stage: Stage, agent: Agent) -> None:
    script = ("Content-Type", "text/javascript")
    own = [("Sec-Fetch-Dest", "worker"), ("Referer", "http://127.0.0.1:4780/shop/page")]
    answer = await visit(stage, agent, b'import "/dep.js"', script, target="/shop/w.js", headers=own)
    assert '"/shop/dep.js"' in text_of(answer)
    await agent.hears(Report)
    imported = [("Sec-Fetch-Dest", "script"), ("Referer", "http://127.0.0.1:4780/shop/w.js")]
    answer = await visit(stage, agent, b'import "/deep.js"', script, target="/shop/dep.js", headers=imported)
    assert '"/shop/deep.js"' in text_of(answer)
    await agent.hears(Report)
    of_page = [("Sec-Fetch-Dest", "script"), ("Referer", "http://127.0.0.1:4780/shop/page")]
    answer = await visit(stage, agent, b'import "/deep.js"', script, target="/shop/other.js", headers=of_page)
    assert answer.body == b'import "/deep.js"'
