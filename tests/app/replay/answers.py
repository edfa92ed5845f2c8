"""Answers to compare."""

from __future__ import annotations

import json
from typing import Any

from app.domain.exchange import Body, Exchange, ExchangeState, Headers


def answer(body: Any = b"", status: int | None = 200, headers: Headers = (), content_type: str = "") -> Exchange:
    """A finished exchange; a body that is no bytes is sent as JSON, without a status there is no answer."""
    made = Exchange("shop", "t1", "POST", "/pay", "http://localhost:3000", status=status)
    made.state = ExchangeState.DONE if status is not None else ExchangeState.FAILED
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    made.response_body = Body(data)
    kind = content_type or ("text/plain" if isinstance(body, bytes) else "application/json")
    made.response_headers = (("Content-Type", kind), *headers)
    made.finished_ns = made.started_ns + 31_000_000
    return made
