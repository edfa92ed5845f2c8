from __future__ import annotations

import asyncio
import socket

import pytest

from app.domain.problems import HatchwayError
from app.domain.upstream import Upstream
from app.viewmodels.port_probe import probe


async def test_a_listening_port_passes() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        await probe(Upstream("http", "127.0.0.1", server.sockets[0].getsockname()[1]))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_closed_port_is_named(host: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(HatchwayError, match=f"Port {port} refuses") as caught:
        await probe(Upstream("http", host, port))
    assert caught.value.problem.code == "upstream_refused"
    assert caught.value.problem.side == "your service"


async def test_silence_ends_after_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio, "open_connection", hang)
    with pytest.raises(HatchwayError) as caught:
        await probe(Upstream("http", "127.0.0.1", 3000), within=0.01)
    assert caught.value.problem.code == "upstream_timeout"


async def test_an_unknown_host_is_the_users_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio, "open_connection", unknown)
    with pytest.raises(HatchwayError, match=r"No such host: nowhere\.test") as caught:
        await probe(Upstream("http", "nowhere.test", 80))
    assert caught.value.problem.side == "you"
