"""The one function of the AWS backend. Its events are told apart by the most specific field first:

- `requestContext.connectionId`: the WebSocket API (agents)
- `requestContext.http` or `httpMethod`: a visitor, by the HTTP API or the Function URL
- `detail-type`: a schedule
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from backend_lambda.adapters.service import Service, make_service
from backend_lambda.adapters.settings import read_settings
from backend_lambda.core.background import settle

# Both live as long as the environment does: look-ups and learnt times are worth keeping.
_runner = asyncio.Runner()
_service: Service | None = None


class UnknownEvent(Exception):
    """Something else than our own gateways has called the function."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls. Raises UnknownEvent; visitors get every other failure as a page."""
    del context
    return _runner.run(_serve(event))


async def _serve(event: dict[str, Any]) -> dict[str, Any]:
    global _service
    if _service is None:
        settings = read_settings()
        # Ours only: at DEBUG, which cannot be set, the library would write what it sends.
        logging.getLogger("backend_lambda").setLevel(settings.log_level)
        _service = make_service(settings)
    try:
        request = event.get("requestContext") or {}
        if "connectionId" in request:
            return await _service.agents.serve(event)
        if "http" in request or "httpMethod" in event:
            return await _service.visitor(event)
        if "detail-type" in event:
            return {}  # expired rows need no sweep: every reader knows them, and DynamoDB deletes them for nothing
        raise UnknownEvent(f"No event of ours: it has {', '.join(sorted(event)) or 'no fields'}")
    finally:
        # Lambda freezes the process with the answer: what was left running would go out with a later event, or never.
        await settle()
