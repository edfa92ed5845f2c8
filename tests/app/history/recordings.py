"""What the files in `old_files` hold, and how they were made: by the code of their time.

Before a change of the schema: `python -m tests.app.history.recordings 6 tests/app/history/old_files/version_6.sql`
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.domain.events import ExchangeFinished, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import Problem
from app.history.store import History

RUNNING = "0000000000rn"
HIDDEN = "0000000000hd"
_START = 1_790_000_000_000_000_000


def recordings(version: int) -> list[Exchange]:
    """Finished exchanges with everything that this version of the schema could hold."""
    page = Body(b"<p>Gr\xc3\xbc\xc3\x9fe</p>\x00\xff")
    done: dict[str, Any] = {"state": ExchangeState.DONE, "status": 200, "reason": "OK", "response_body": page}
    made = [
        _exchange("000000000001", "POST", "/a?b=%20c", **done, request_body=Body(b"question"), visitor="::1"),
        _exchange("000000000002", "GET", "/same", **done, tunnel="docs", tunnel_id="t2"),
        _exchange("000000000003", "GET", "/a", **done, replay_of="000000000001"),
        _exchange("000000000004", "GET", "/large", **done | {"response_body": Body(b"begin", size=5_000_000)}),
        _exchange(
            "000000000005", "PUT", "/refused", state=ExchangeState.FAILED,
            problem=Problem("upstream_refused", "Nothing listens", "upstream", "Start it."),
        ),
        _exchange("000000000006", "GET", "/left", state=ExchangeState.CANCELLED, status=206),
        _exchange("000000000007", "GET", "/socket", kind="websocket", state=ExchangeState.DONE, status=101),
    ]  # fmt: skip
    if version >= 2:
        from app.domain.exchange import Rewriting

        rewriting = Rewriting("html", ("L0", "L1"), {"attributes": 3}, ("cut",))
        made.append(_exchange("000000000008", "GET", "/page", **done, rewriting=rewriting, leak="/shop/"))
    if version >= 3:
        made.append(_of_version_3(done))
    if version >= 5:
        from app.domain.exchange import HarFacts
        from app.domain.tunnel import RewriteOptions

        options = RewriteOptions("spa", "public", "aware", rewrite_oauth=True)
        har = HarFacts(("1.1", "2"), "::1", "443", (10, 20, 30, -1), {"wait": 1.5}, {"beforeRequest": {"hitCount": 0}})
        made.append(_exchange("000000000010", "GET", "/har", **done, har=har, options=options))
    return made


def _of_version_3(done: dict[str, Any]) -> Exchange:
    from app.domain.exchange import Delivered, VisitorRequest
    from app.domain.verdict import Verdict

    return _exchange(
        "000000000009", "GET", "/events", **done, relay_ns=_START - 5, frames=2, frames_lost=1,
        visitor_request=VisitorRequest("GET", "/shop/events", (("Host", "x"),)), verdict=Verdict.FIXED, pinned=True,
        delivered=Delivered(200, (("A", "b"),), 7, "ab"), note="wichtig: größer", imported=True,
    )  # fmt: skip


def _exchange(id_: str, method: str, target: str, **more: Any) -> Exchange:
    values = {"tunnel": "shop", "tunnel_id": "t1", "upstream": "http://localhost:3000"} | more
    made = Exchange(method=method, target=target, id=id_, **values)
    made.public_url = f"http://127.0.0.1:4780/{made.tunnel}{target}"
    made.request_headers = (("Host", "x"), ("X-One", "1"), ("x-one", "gr\xfc\xdfe"))
    made.response_headers = (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    made.started_ns = _START + int(id_[-2:]) * 1_000_000_000 if id_.isdigit() else _START
    made.sent_ns, made.first_byte_ns = made.started_ns + 1_000_001, made.started_ns + 2_000_002
    made.finished_ns = None if made.state is ExchangeState.RUNNING else made.started_ns + 3_000_003
    return made


async def _write(version: int, path: Path) -> None:
    history, problem = await History.open(path)
    assert problem is None
    for exchange in recordings(version):
        history.listener(ExchangeFinished(exchange))
    history.listener(ExchangeStarted(_exchange(RUNNING, "GET", "/running")))
    if version >= 3:
        from app.domain.events import FrameSeen
        from app.domain.frame import Frame

        for number, text in enumerate((b"one", b"two")):
            history.listener(FrameSeen("000000000009", "t1", Frame(number, "upstream", "event", _START, text, 3)))
        history.listener(ExchangeFinished(_exchange(HIDDEN, "GET", "/hidden", state=ExchangeState.DONE, status=200)))
        await history.hide([HIDDEN])
    assert await history.get(RUNNING) is not None


def _dump(path: Path) -> str:
    connection = sqlite3.connect(path)
    head = [f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
            for name in ("application_id", "user_version")]  # fmt: skip
    dump = "\n".join([*head, *connection.iterdump(), ""])
    connection.close()
    return dump


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "history.db")
        if (child := os.fork()) == 0:
            asyncio.run(_write(int(sys.argv[1]), file))
            os._exit(0)  # as a crash: what is running stays so
        os.waitpid(child, 0)
        Path(sys.argv[2]).write_text(_dump(file), encoding="utf-8")
