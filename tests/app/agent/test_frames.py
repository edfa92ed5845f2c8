"""Messages of WebSockets and server-sent events, published one by one as they pass."""

from __future__ import annotations

from typing import Any

import pytest

from app.agent import exchange_run
from app.domain.events import FrameSeen
from app.domain.frame import Frame
from backend_lambda.protocol.messages import Data, End
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.agent.test_socket_exchange import Service, bridged
from tests.app.upstream.raw_server import RawServer, answering
from tests.app.upstream.test_websocket import service


def seen(published: Recorder) -> list[Frame]:
    return [event.frame for event in published.events if isinstance(event, FrameSeen)]


def brief(frames: list[Frame]) -> list[tuple[Any, ...]]:
    return [(frame.number, frame.direction, frame.kind, frame.data, frame.code) for frame in frames]


async def test_messages_both_ways_and_the_close(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async with service(Service()) as port:
        run(port, backend.where)
        link = await bridged(backend)
        await link.send(Data("r1", 0, b"h\xc3\xa4", text=True, more=True))
        await link.send(Data("r1", 1, b"llo", text=True))
        await link.expect(Data)
        await link.send(Data("r1", 2, b"\xff"))
        await link.expect(Data)
        await link.send(End("r1", 3, 1000, "bye"))
        await link.expect(End)
        (record,) = await published.finished()
    assert brief(seen(published)) == [
        (0, "visitor", "text", "hällo".encode(), None),
        (1, "upstream", "text", "hällo".encode(), None),
        (2, "visitor", "binary", b"\xff", None),
        (3, "upstream", "binary", b"\xff", None),
        (4, "visitor", "close", b"bye", 1000),
    ]
    assert (record.frames, record.frames_lost) == (5, 0)


async def test_only_the_beginning_of_long_messages_is_kept(
    backend: FakeBackend, run: Run, published: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_run, "FRAME_BYTES", 10)
    monkeypatch.setattr(exchange_run, "FRAMES_BYTES", 25)
    async with service(Service()) as port:
        run(port, backend.where)
        link = await bridged(backend)
        for seq in range(2):
            await link.send(Data("r1", seq, b"x" * 50))
            await link.expect(Data)
        await link.send(End("r1", 2, 1000))
        await link.expect(End)
        (record,) = await published.finished()
    frames = seen(published)
    assert [(len(frame.data), frame.size, frame.truncated) for frame in frames[:2]] == [(10, 50, True)] * 2
    assert [frame.kind for frame in frames] == ["binary", "binary", "close"]
    assert (record.frames, record.frames_lost) == (5, 2), "those that find no room are counted"


def stream(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


EVENTS = b"Content-Type: text/event-stream; charset=utf-8"


async def test_server_sent_events(backend: FakeBackend, run: Run, published: Recorder) -> None:
    answer = stream(b"event: a\ndata: 1\n\ndata: 2\r\n\r\n: ping\n\ndata: rest", EVENTS)
    async with RawServer(answering(answer)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.whole(request(1))
        (record,) = await published.finished()
    frames = seen(published)
    assert [frame.data for frame in frames] == [b"event: a\ndata: 1", b"data: 2", b": ping", b"data: rest"]
    assert {(frame.direction, frame.kind) for frame in frames} == {("upstream", "event")}
    assert record.frames == 4


@pytest.mark.parametrize("headers", [(EVENTS, b"Content-Encoding: gzip"), (b"Content-Type: text/plain",)], ids=str)
async def test_compressed_streams_and_other_answers_have_no_frames(
    backend: FakeBackend, run: Run, published: Recorder, headers: tuple[bytes, ...]
) -> None:
    async with RawServer(answering(stream(b"data: 1\n\n", *headers))) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.whole(request(1))
        (record,) = await published.finished()
    assert (seen(published), record.frames) == ([], 0)
