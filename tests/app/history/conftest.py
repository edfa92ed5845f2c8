"""An open history in a fresh file, and exchanges to put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.domain.exchange import Body, Exchange, ExchangeState
from app.history.store import History


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
async def history(path: Path) -> AsyncIterator[History]:
    opened, problem = await History.open(path)
    assert problem is None
    yield opened
    await opened.close()


@pytest.fixture
def exchange() -> Callable[..., Exchange]:
    """Makes finished exchanges; the keywords are fields of Exchange, `body` is the answer's."""

    def make(**changes: Any) -> Exchange:
        body = changes.pop("body", b"answer")
        values: dict[str, Any] = {
            "tunnel": "shop",
            "tunnel_id": "t1",
            "method": "POST",
            "target": "/orders?id=1",
            "upstream": "http://localhost:3000",
            "request_headers": (("Host", "localhost:3000"), ("X-One", "1"), ("x-one", "2")),
            "request_body": Body(b"question"),
            "status": 200,
            "reason": "OK",
            "response_headers": (("Content-Type", "text/plain"),),
            "response_body": Body(body),
            "state": ExchangeState.DONE,
        }
        made = Exchange(**values | changes)
        if made.state is not ExchangeState.RUNNING and made.finished_ns is None:
            made.finished_ns = made.started_ns + 5_000_000
        return made

    return make


@pytest.fixture
def contents() -> Callable[[Exchange | None], dict[str, Any] | None]:
    """Everything in an exchange, as values that can be compared."""

    def read(exchange: Exchange | None) -> dict[str, Any] | None:
        if exchange is None:
            return None
        values = {field.name: getattr(exchange, field.name) for field in fields(exchange)}
        for name in ("request_body", "response_body"):
            values[name] = (values[name].data, values[name].size, values[name].kept)
        return values

    return read
