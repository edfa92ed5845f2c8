"""The runtime, as pages and workers load it from below a tunnel's prefix."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from backend_lambda.core.model import PublicResponse, header
from backend_lambda.protocol.messages import Headers
from backend_lambda.rewrite.runtime import runtime_name, runtime_script, worker_name
from tests.backend_lambda.core.stage import Agent, Stage, settle


async def get(stage: Stage, name: str, headers: Headers | None = None, method: str = "GET") -> PublicResponse:
    return await stage.visitor(method, f"/shop/__hw/{name}", headers).answer()


async def test_pages_load_the_runtime_for_ever(stage: Stage, agent: Agent) -> None:
    answer = await get(stage, runtime_name())
    assert (answer.status, answer.body) == (200, runtime_script())
    assert header(answer.headers, "cache-control") == "public, max-age=31536000, immutable"
    assert header(answer.headers, "content-type") == "text/javascript; charset=utf-8"
    assert header(answer.headers, "access-control-allow-origin") == "*"
    await agent.hears_nothing()


async def test_pages_and_workers_whose_sockets_go_elsewhere_are_told_where() -> None:
    stage = Stage(socket_url="wss://sockets.example/live")
    await stage.agent()
    page, worker = await get(stage, runtime_name(sockets=True)), await get(stage, worker_name())
    assert page.body == runtime_script(sockets=True)
    assert header(page.headers, "cache-control") == "public, max-age=31536000, immutable"
    assert header((await get(stage, runtime_name())).headers, "cache-control") == "no-store"
    assert isinstance(worker.body, bytes)
    assert b'"sockets":"wss://sockets.example/live"' in worker.body
    assert worker.body.endswith(runtime_script(sockets=True))


async def test_it_is_packed_for_those_who_can_unpack(stage: Stage, agent: Agent) -> None:
    answer = await get(stage, runtime_name(), [("Accept-Encoding", "gzip, br")])
    assert header(answer.headers, "content-encoding") == "gzip"
    assert isinstance(answer.body, bytes)
    assert gzip.decompress(answer.body) == runtime_script()
    assert header(answer.headers, "content-length") == str(len(answer.body))
    head = await get(stage, runtime_name(), method="HEAD")
    assert (head.body, header(head.headers, "content-length")) == (b"", str(len(runtime_script())))


async def test_a_page_from_a_cache_finds_a_runtime_too(stage: Stage, agent: Agent) -> None:
    answer = await get(stage, "rt-0123456789abcdef.js")
    assert (answer.status, answer.body) == (200, runtime_script())
    assert header(answer.headers, "cache-control") == "no-store"


async def test_workers_get_it_with_their_settings(stage: Stage, agent: Agent) -> None:
    answer = await get(stage, worker_name())
    assert isinstance(answer.body, bytes)
    assert answer.body.endswith(runtime_script())
    settings = re.match(rb"self\.__hw_config=(\{.*?\});\n", answer.body)
    assert settings is not None
    config = json.loads(settings[1])
    assert (config["prefix"], config["public"], config["strip"]) == ("/shop", "http://127.0.0.1:4780", False)
    assert "http://localhost:3000" in config["upstream"]
    assert header(answer.headers, "cache-control") == "private, no-cache"
    assert header(answer.headers, "access-control-allow-origin") is None


@pytest.mark.parametrize("name", ["other.js", "rt-1.css", "", "agent"])
async def test_other_names_are_the_apps(stage: Stage, agent: Agent, name: str) -> None:
    visit = stage.visitor("GET", f"/shop/__hw/{name}")
    await settle()
    assert visit.waits
    await visit.leaves()


@pytest.mark.parametrize("mode", ["raw", "static", "host"])
async def test_tunnels_that_do_not_use_it_have_the_path_for_themselves(stage: Stage, mode: str) -> None:
    await stage.agent(mode=mode)
    visit = stage.visitor("GET", f"/shop/__hw/{runtime_name()}")
    await settle()
    assert visit.waits
    await visit.leaves()


async def test_on_a_host_of_its_own_the_path_is_the_apps(stage: Stage, agent: Agent) -> None:
    visit = stage.visitor("GET", f"/__hw/{runtime_name()}", host="shop.localhost:4780")
    await settle()
    assert visit.waits
    await visit.leaves()


async def test_it_is_there_while_the_agent_is_away(stage: Stage, agent: Agent) -> None:
    await stage.tunnels.release("shop", agent.connection_id, forget=False)
    assert (await get(stage, runtime_name())).status == 200
    assert (await stage.visitor("GET", f"/gone/__hw/{runtime_name()}").answer()).status == 404
