"""A webhook that is signed: refused when replayed later as it was, accepted when signed anew."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.events import Event, ExchangeFinished
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.replay import EditedRequest
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.domain.verdict import Verdict
from app.engine.archive import LiveArchive
from app.engine.masks_file import MasksFile
from app.engine.replays import LiveReplays
from app.engine.signing import LiveSigning
from app.filter.filter import parse
from app.history.store import History
from app.interchange.har_import import TUNNEL
from app.signatures.scheme import Signed, State
from app.signatures.stripe import Stripe
from app.signatures.twilio import Twilio
from tests.app.engine.memory_keyring import MemoryKeyring

SECRET = "whsec_a_secret_that_nobody_knows"
URL = "https://shop.example.com/hook"


class VerifyingApp:
    """Accepts what is signed and not older than five minutes, as Stripe's library does."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))  # signatures carry whole seconds
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
            headers = tuple((name, value) for name, _, value in lines)
            length = next(int(value) for name, value in headers if name.lower() == "content-length")
            body = await reader.readexactly(length)
            state = Stripe().check(Signed(URL, headers, body), SECRET, self.now).state
            status = "200 OK" if state is State.VALID else "400 Bad Request"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        finally:
            writer.close()


@pytest.fixture
async def verifying() -> AsyncIterator[VerifyingApp]:
    verifying = VerifyingApp()
    async with await asyncio.start_server(verifying.serve, "127.0.0.1", 0) as server:
        verifying.port = server.sockets[0].getsockname()[1]
        yield verifying


class Desk:
    def __init__(self, history: History, verifying: VerifyingApp, masks: Path) -> None:
        self._history = history
        self.archive = LiveArchive(history, {}, self.publish)
        self.signing = LiveSigning(lambda: verifying.now)
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", verifying.port), id="t1", response_timeout=5)
        self.replays = LiveReplays(
            self.archive, MasksFile(masks), self.publish, lambda _: spec, lambda _: None, self.signing
        )

    def publish(self, event: Event) -> None:
        self._history.listener(event)

    def captured(self, now: float) -> Exchange:
        body = b'{"id": "evt_1", "type": "charge.succeeded"}'
        (signature,) = Stripe().sign(Signed(URL, (), body), SECRET, now)
        made = Exchange("shop", "t1", "POST", "/hook", "http://x", (("Host", "x"), signature), public_url=URL)
        made.request_body, made.status, made.state = Body(body), 200, ExchangeState.DONE
        made.finished_ns = made.started_ns + 1
        self.publish(ExchangeFinished(made))
        return made


@pytest.fixture
async def desk(tmp_path: Path, verifying: VerifyingApp, ring: MemoryKeyring) -> AsyncIterator[Desk]:
    history, _ = await History.open(tmp_path / "h.db")
    yield Desk(history, verifying, tmp_path / "masks.json")
    await history.close()


async def test_ten_minutes_later_only_what_is_signed_anew_is_accepted(
    desk: Desk, verifying: VerifyingApp, tmp_path: Path, ring: MemoryKeyring
) -> None:
    original = desk.captured(verifying.now)
    unknown = await desk.signing.status(original)
    assert unknown is not None
    assert (unknown.title, unknown.state) == ("Stripe", State.NO_SECRET)
    assert await desk.signing.set_secret(original, SECRET)
    status = await desk.signing.status(original)
    assert status is not None
    assert status.state is State.VALID
    verifying.now += 600
    status = await desk.signing.status(original)
    assert status is not None
    assert (status.state, round(status.age or 0)) == (State.EXPIRED, 600)
    plain = await desk.replays.send(original.id, resign=False)
    assert (plain.status, plain.verdict) == (400, Verdict.REGRESSED)
    anew = await desk.replays.send(original.id)
    assert (anew.status, anew.verdict) == (200, Verdict.SAME)
    edit = EditedRequest("POST", "/hook", original.request_headers, b'{"edited": true}')
    assert (await desk.replays.send(original.id, edit)).status == 200
    assert (await desk.replays.send(original.id, edit, resign=False)).status == 400
    assert SECRET in ring.entries.values()
    assert await desk.archive.count() == 5
    assert SECRET.encode() not in everything_on_disk(tmp_path), "secrets never reach the disk"


async def test_a_series_is_signed_anew_unless_it_is_to_go_as_captured(
    desk: Desk, verifying: VerifyingApp, ring: MemoryKeyring
) -> None:
    originals = [desk.captured(verifying.now) for _ in range(2)]
    await desk.signing.set_secret(originals[0], SECRET)
    verifying.now += 600
    ids = [original.id for original in originals]
    for resign, status in ((True, 200), (False, 400)):
        sent = [each.status async for each in desk.replays.series(ids, spacing=False, resign=resign)]
        assert sent == [status] * 2


async def test_what_a_signature_was_worth_on_arrival_can_be_asked_of_the_history(
    desk: Desk, verifying: VerifyingApp, ring: MemoryKeyring
) -> None:
    desk.archive = LiveArchive(desk._history, {}, desk.publish, desk.signing.on_arrival)
    right, late = desk.captured(verifying.now), desk.captured(verifying.now - 600)
    cut = desk.captured(verifying.now)
    cut.request_body = Body(b"{", size=9)
    running = desk.captured(verifying.now)
    running.state = ExchangeState.RUNNING
    for each in (cut, running):
        desk.publish(ExchangeFinished(each))

    async def found(text: str) -> set[str]:
        return {each.id for each in await desk.archive.page(9, where=parse(text))}

    assert await found("sig:unchecked") == {right.id, late.id, cut.id, running.id}
    await desk.signing.set_secret(right, SECRET)
    assert await found("sig:valid") == {right.id}
    assert await found("sig:expired") == {late.id}
    assert await found("sig:unchecked") == {cut.id, running.id}
    assert await found("-sig:unchecked") == {right.id, late.id}
    await desk.signing.set_secret(right, "whsec_another")
    assert await desk.archive.count(where=parse("sig:invalid")) == 2
    assert await desk.archive.count(where=parse("sig:valid OR sig:expired")) == 0
    batches = [each async for batch in desk.archive.batches(where=parse("sig:invalid")) for each in batch]
    assert {each.id for each in batches} == {right.id, late.id}


def everything_on_disk(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.rglob("*") if file.is_file())


async def test_a_secret_is_found_by_the_next_run_and_can_be_forgotten(
    desk: Desk, verifying: VerifyingApp, ring: MemoryKeyring
) -> None:
    original = desk.captured(verifying.now)
    await desk.signing.set_secret(original, f" {SECRET}\n")
    status = await LiveSigning(lambda: verifying.now).status(original)
    assert status is not None
    assert status.state is State.VALID
    await desk.signing.set_secret(original, "")
    assert ring.entries == {}
    status = await desk.signing.status(original)
    assert status is not None
    assert status.state is State.NO_SECRET


async def test_without_a_keyring_the_secret_lasts_for_this_run(
    desk: Desk, verifying: VerifyingApp, ring: MemoryKeyring
) -> None:
    ring.broken = True
    original = desk.captured(verifying.now)
    assert not await desk.signing.set_secret(original, SECRET)
    status = await desk.signing.status(original)
    assert status is not None
    assert status.state is State.VALID


async def test_what_has_no_signature_is_left_as_it_is(desk: Desk, verifying: VerifyingApp) -> None:
    plain = Exchange("shop", "t1", "POST", "/", "http://x", (("Host", "x"),))
    request = EditedRequest("POST", "/", plain.request_headers, b"x")
    assert await desk.signing.status(plain) is None
    assert await desk.signing.sign(plain, request, URL) == request
    assert not await desk.signing.set_secret(plain, SECRET)


async def test_twilios_digest_in_the_url_follows_an_edited_body(desk: Desk, ring: MemoryKeyring) -> None:
    target = "/hook?bodySHA256=00ff&x=1"
    headers = (("Content-Type", "application/json"), ("X-Twilio-Signature", "x"))
    original = Exchange("shop", "t1", "POST", target, "http://x", headers)
    await desk.signing.set_secret(original, "token")
    url = f"https://shop.example.com{target}"
    new = await desk.signing.sign(original, EditedRequest("POST", target, headers, b"{}"), url)
    assert new.target == f"/hook?bodySHA256={hashlib.sha256(b'{}').hexdigest()}&x=1"
    sent = Signed(f"https://shop.example.com{new.target}", new.headers, b"{}")
    assert Twilio().check(sent, "token", 0).state is State.VALID


async def test_a_file_cannot_have_anything_signed_with_a_tunnels_secret(desk: Desk, verifying: VerifyingApp) -> None:
    await desk.signing.set_secret(desk.captured(verifying.now), SECRET)
    headers = (("Stripe-Signature", "t=1,v1=x"),)
    request = EditedRequest("POST", "/hook", headers, b"forged")
    for imported in (True, False):  # the file's request, and a replay of it
        forged = Exchange("shop", TUNNEL, "POST", "/hook", "http://evil.example", headers, imported=imported)
        assert await desk.signing.sign(forged, request, URL) == request
