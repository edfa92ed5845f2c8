"""Captured 500, repaired, replayed: the saved test fails on the fault and passes on the repair; both are run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.exchange import Body, Exchange
from app.domain.replay import EditedRequest
from app.domain.verdict import Verdict
from app.engine.code import write_code
from app.history.store import History
from tests.app.engine.test_replays import Desk, ToyApp

FAULT = {"error": "card_declined"}


@pytest.fixture
async def toy() -> AsyncIterator[ToyApp]:
    toy = ToyApp()
    async with await asyncio.start_server(toy.serve, "127.0.0.1", 0) as server:
        toy.port = server.sockets[0].getsockname()[1]
        yield toy


@pytest.fixture
async def desk(toy: ToyApp, tmp_path: Path) -> AsyncIterator[Desk]:
    history, _ = await History.open(tmp_path / "history.db")
    yield Desk(history, toy, tmp_path / "masks.json")
    await history.close()


async def passes(code: str, folder: Path) -> bool:
    """Run the file with pytest."""
    (folder / "test_captured.py").write_text(code, encoding="utf-8")
    options = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".", "test_captured.py")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", *options, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(done.communicate(), 50)
    assert done.returncode in (0, 1), output.decode()
    return done.returncode == 0


async def written(desk: Desk, exchange: Exchange, *, redact: bool = True) -> str:
    whole = await desk.archive.get(exchange.id)
    assert whole is not None
    return await write_code(whole, "pytest", desk.replays, redact=redact)


@pytest.mark.slow
async def test_a_repaired_fault_becomes_a_test(desk: Desk, toy: ToyApp, tmp_path: Path) -> None:
    original = await desk.captured(500, FAULT)
    toy.broken = True
    assert "< 400" in await written(desk, original), "nobody knows yet how it should be"
    toy.broken = False
    fixed = await desk.replays.send(original.id)
    assert fixed.verdict is Verdict.FIXED
    code = await written(desk, original)
    assert 'assert answer["total"] == 100' in code
    assert 'assert isinstance(answer["id"], int)' in code
    assert await passes(code, tmp_path), "other times and ids are no mistake"
    toy.total = 99
    assert not await passes(code, tmp_path), "another total is one"
    toy.total, toy.broken = 100, True
    assert not await passes(code, tmp_path), "and so is the captured fault"


async def test_a_replay_that_succeeded_gives_the_same_test(desk: Desk, toy: ToyApp) -> None:
    original = await desk.captured(500, FAULT)
    fixed = await desk.replays.send(original.id)
    assert await written(desk, fixed) == await written(desk, original)
    toy.broken = True
    failed = await desk.replays.send(original.id)
    assert failed.verdict is Verdict.REGRESSED
    assert 'assert answer["total"] == 100' in await written(desk, failed)


async def test_what_differs_between_good_answers_is_not_expected(desk: Desk, toy: ToyApp) -> None:
    original = await desk.captured(500, FAULT)
    await desk.replays.send(original.id)
    toy.total = 101
    await desk.replays.send(original.id)
    assert 'assert isinstance(answer["total"], int)' in await written(desk, original)


async def test_places_that_the_user_ignores_are_not_expected(desk: Desk) -> None:
    original = await desk.captured(500, FAULT)
    await desk.replays.send(original.id)
    await desk.replays.choose_mask(original.id, "$.total", "ignore")
    await desk.replays.choose_mask(original.id, "$.id", "compare")
    code = await written(desk, original)
    assert 'assert isinstance(answer["total"], int)' in code
    assert 'assert answer["id"] == 1' in code


async def test_an_edited_request_is_another_one(desk: Desk) -> None:
    original = await desk.captured(500, FAULT)
    headers = (("Host", desk.spec.upstream.authority), ("Content-Length", "4"))
    edited = await desk.replays.send(original.id, EditedRequest("POST", "/pay", headers, b"card"))
    assert edited.verdict is Verdict.FIXED
    assert "< 400" in await written(desk, original)
    assert "< 400" in await written(desk, edited)


async def test_secrets_of_the_answer_are_not_in_the_test(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    original = await desk.captured(500, FAULT)
    fixed = await desk.replays.send(original.id)
    whole = await desk.archive.get(fixed.id)
    assert whole is not None
    whole.response_body = Body(b'{"password": "hunter2hunter2", "total": 1}')

    async def get(exchange_id: str) -> Exchange | None:
        return whole if exchange_id == fixed.id else await real(exchange_id)

    real = desk.archive.get
    monkeypatch.setattr(desk.archive, "get", get)
    code = await written(desk, original)
    assert "hunter2" not in code
    assert 'assert isinstance(answer["password"], str)' in code
    assert 'answer["password"] == "hunter2hunter2"' in await written(desk, original, redact=False)
