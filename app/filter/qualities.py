"""What `is:` and `has:` ask of an exchange."""

from __future__ import annotations

from app.domain.exchange import Exchange, ExchangeState
from app.filter.subject import Predicate


def _is_sse(exchange: Exchange) -> bool:
    return (exchange.response_header("content-type") or "").lower().startswith("text/event-stream")


QUALITIES: dict[str, Predicate] = {
    "is:running": lambda s: s.exchange.state is ExchangeState.RUNNING,
    "is:done": lambda s: s.exchange.state is ExchangeState.DONE,
    "is:failed": lambda s: s.exchange.state is ExchangeState.FAILED,
    "is:cancelled": lambda s: s.exchange.state is ExchangeState.CANCELLED,
    "is:error": lambda s: s.exchange.state is ExchangeState.FAILED or (s.exchange.status or 0) >= 400,
    "is:replay": lambda s: s.exchange.replay_of is not None,
    "is:websocket": lambda s: s.exchange.kind == "websocket",
    "is:http": lambda s: s.exchange.kind == "http",
    "is:sse": lambda s: _is_sse(s.exchange),
    "is:pinned": lambda s: s.exchange.pinned,
    "is:imported": lambda s: s.exchange.imported,
    "is:rewritten": lambda s: s.exchange.rewriting is not None,
    "has:response": lambda s: s.exchange.status is not None,
    "has:problem": lambda s: s.exchange.problem is not None,
    "has:leak": lambda s: s.exchange.leak is not None,
    "has:note": lambda s: bool(s.exchange.note),
    "has:verdict": lambda s: s.exchange.verdict is not None,
    "has:frames": lambda s: s.exchange.frames > 0,
    "has:req.body": lambda s: s.exchange.request_body.size > 0,
    "has:resp.body": lambda s: s.exchange.response_body.size > 0,
}
