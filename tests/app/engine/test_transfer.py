from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.events import ExchangeFinished
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.engine.archive import LiveArchive
from app.engine.transfer import export_har, import_har, those
from app.filter.filter import parse
from app.history.store import History
from tests.app.redaction.planted import planted


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    history, _ = await History.open(tmp_path / "h.db")
    yield history
    await history.close()


def record(history: History, *exchanges: Exchange) -> None:
    for exchange in exchanges:
        history.listener(ExchangeFinished(exchange))


def exchange(target: str, body: bytes = b"", *headers: tuple[str, str]) -> Exchange:
    made = Exchange("shop", "t1", "POST", target, "http://x", headers, status=200, state=ExchangeState.DONE)
    made.public_url = f"http://x{target}"
    made.request_body = Body(body)
    made.finished_ns = made.started_ns + 1
    return made


async def test_a_secret_that_is_named_later_is_found_before(history: History, tmp_path: Path) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    record(history, exchange("/1", b"look: qwertzuiop12"), exchange("/2", b"", ("X-Api-Key", "qwertzuiop12")))
    assert await export_har(archive, tmp_path / "x.har") == 2
    text = (tmp_path / "x.har").read_text()
    assert "qwertzuiop12" not in text
    assert text.count("{{x_api_key_1}}") == 2


async def test_none_of_two_hundred_planted_secrets_is_in_the_file(history: History, tmp_path: Path) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    made = planted()
    record(history, *(each for _, each in made))
    await export_har(archive, tmp_path / "bare.har", redact=False)
    bare = (tmp_path / "bare.har").read_text()
    planted_now = [secret for found, _ in made for secret in found]
    assert sum(secret in bare for secret in planted_now) > 200
    await export_har(archive, tmp_path / "clean.har")
    clean = (tmp_path / "clean.har").read_text()
    assert [secret for secret in planted_now if secret in clean] == []


async def test_what_is_chosen_goes_out_and_comes_in(history: History, tmp_path: Path) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    one, two, three = (exchange(f"/{number}") for number in range(3))
    record(history, one, two, three)
    assert await export_har(archive, tmp_path / "two.har", where=those([three.id, one.id])) == 2
    assert await import_har(archive, tmp_path / "two.har") == 2
    found = await archive.page(9, where=parse("is:imported"))
    assert sorted(each.target for each in found) == ["/0", "/2"]
    (tmp_path / "bad.har").write_text("[]")
    with pytest.raises(HatchwayError):
        await import_har(archive, tmp_path / "bad.har")
    assert await archive.count() == 5
