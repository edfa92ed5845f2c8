from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.events import ExchangeFinished
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.engine import transfer
from app.engine.archive import LiveArchive
from app.engine.transfer import export_har, import_har, secrets_in, those
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


async def test_the_secrets_that_a_file_would_hold_are_named_before(history: History) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    record(
        history,
        exchange("/1", b'{"password": "hunter2hunter2"}', ("Authorization", "Bearer abcdefghijk")),
        exchange("/2", b"", ("Authorization", "Bearer abcdefghijk")),
        exchange("/3", b"", ("Authorization", "Bearer lmnopqrstuv")),
        exchange("/plain"),
    )
    assert await secrets_in(archive) == (4, {"authorization": 2, "password": 1})
    assert await secrets_in(archive, where=parse("path:/plain")) == (1, {})
    assert await secrets_in(archive, tunnel_id="other") == (0, {})


async def test_of_large_histories_the_newest_are_looked_at(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    monkeypatch.setattr(transfer, "_QUICK", 2)
    record(history, *(exchange(f"/{number}", b"", ("X-Api-Key", f"qwertzuiop{number}")) for number in range(5)))
    assert await secrets_in(archive) == (5, {"x_api_key": 2})


async def test_what_only_a_har_file_knows_goes_out_again(history: History, tmp_path: Path) -> None:
    archive = LiveArchive(history, {}, lambda _: None)
    entry = {
        "startedDateTime": "2026-11-26T10:00:00Z", "time": 9,
        "request": {"method": "GET", "url": "http://x/", "httpVersion": "HTTP/2", "headersSize": 70, "bodySize": 0},
        "response": {"status": 304, "httpVersion": "h3", "headersSize": 30, "bodySize": 0},
        "cache": {"afterRequest": {"lastAccess": "2026-11-26T10:00:00Z", "eTag": "x", "hitCount": 2}},
        "timings": {"blocked": 1, "dns": 2, "connect": 1, "ssl": 1, "send": 1, "wait": 3, "receive": 1},
        "serverIPAddress": "10.1.2.3", "connection": "443",
    }  # fmt: skip
    (tmp_path / "in.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    assert await import_har(archive, tmp_path / "in.har") == 1
    await export_har(archive, tmp_path / "out.har")
    (after,) = json.loads((tmp_path / "out.har").read_text())["log"]["entries"]
    for name in ("cache", "timings", "serverIPAddress", "connection"):
        assert after[name] == entry[name]
    for side in ("request", "response"):
        for name in ("httpVersion", "headersSize", "bodySize"):
            assert after[side][name] == entry[side][name]
