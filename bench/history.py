"""Fifty thousand recorded exchanges with JSON bodies of 2 kB: how fast they come in, are found, and go out.

The ratio is to SQLite's own count of the same rows in the same round, the least that any question can cost. Memory is
that of a process which lists, filters and searches them.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import psutil

from app.domain.exchange import Body, Exchange, ExchangeState
from app.engine.archive import LiveArchive
from app.engine.transfer import export_har, import_har
from app.filter.filter import parse
from app.history.store import History
from bench.report import Result, result, say

COUNT = 50_000
_FILTERS = ("", "status:5xx", "nothingatall", "path:/api/zz", "host:zzz", "type:html", "header:x-none",
            "duration:>900ms -method:get", "(status:404 OR is:failed) path:/api/a", "verdict:fixed")  # fmt: skip
_SEARCHES = ("body:nothingatall", "resp.body:qzx", "text:nothingatall")


def run(rounds: int, seconds: float) -> list[Result]:
    """seconds is of no use here: each question is asked once a round."""
    with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as directory:
        return asyncio.run(_run(rounds, Path(directory)))


async def _run(rounds: int, directory: Path) -> list[Result]:
    history, _ = await History.open(directory / "history.db")
    archive = LiveArchive(history, {}, lambda _: None)
    made = exchanges()
    began = time.perf_counter()
    await archive.add(made)
    inserted = time.perf_counter() - began
    del made
    say(f"history: {COUNT} exchanges in {inserted:.1f} s")
    slowest: dict[str, list[float]] = defaultdict(list)  # question of each round, in ms
    ratios: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        base = await _timed(archive.count)
        for kind, texts in (("filter", _FILTERS), ("search", _SEARCHES)):
            times = [await _timed(partial(archive.page, 200, where=parse(text))) for text in texts]
            slowest[kind].append(max(times) * 1e3)
            ratios[kind].append(max(times) / base)
        say(
            f"history: round {number + 1}: filter {slowest['filter'][-1]:.0f} ms, search {slowest['search'][-1]:.0f} ms"
        )
    memory = psutil.Process().memory_info().rss / 1e6
    exported = await _timed(lambda: export_har(archive, directory / "out.har"))
    bare = await _timed(lambda: export_har(archive, directory / "out.har", redact=False))
    await history.close()
    other, _ = await History.open(directory / "other.db")
    imported = await _timed(lambda: import_har(LiveArchive(other, {}, lambda _: None), directory / "out.har"))
    await other.close()
    return [
        result("history", "50 000 exchanges", "record", "s", [inserted]),
        result("history", "filters", "page of 200", "ms", slowest["filter"], ratios=ratios["filter"], below=100),
        result("history", "body search", "page of 200", "ms", slowest["search"], ratios=ratios["search"], below=300),
        result("history", "50 000 exchanges", "memory", "MB", [memory], below=400),
        result("history", "HAR, redacted", "export", "s", [exported], below=5),
        result("history", "HAR, as it is", "export", "s", [bare]),
        result("history", "HAR", "import", "s", [imported], below=15),
    ]


async def _timed(action: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await action()
    return time.perf_counter() - began


def exchanges() -> list[Exchange]:
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(5000)]
    request_headers = tuple((f"X-{word}", word) for word in words[:10])
    now = time.time_ns()
    made = []
    for number in range(COUNT):
        items = [{"name": chance.choice(words), "text": " ".join(chance.choices(words, k=20))} for _ in range(11)]
        body = json.dumps({"id": number, "items": items}).encode()
        exchange = Exchange(
            "shop", "t1", chance.choice(["GET", "POST"]),
            f"/api/{chance.choice(words)}/{number}?q={chance.choice(words)}",
            "http://localhost:3000", request_headers, public_url=f"http://127.0.0.1:4780/shop/api/{number}",
            status=chance.choice([200, 200, 200, 404, 500]), response_body=Body(body), state=ExchangeState.DONE,
            started_ns=now + number,
        )  # fmt: skip
        exchange.response_headers = (
            ("content-type", "application/json"), ("date", "Thu, 26 Nov 2026 10:00:00 GMT"), ("server", "uvicorn"),
            ("content-length", str(len(body))),
        )  # fmt: skip
        exchange.finished_ns = exchange.started_ns + chance.randint(1, 10**9)
        made.append(exchange)
    return made
