"""The one function of the AWS backend. Its events are told apart by the most specific field first:

- `requestContext.connectionId`: the WebSocket API (agents)
- `requestContext.http` or `httpMethod`: a visitor, by the HTTP API or the Function URL
- `detail-type`: a schedule
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

from backend_lambda.adapters.clients import connections, dynamodb
from backend_lambda.adapters.metrics import note_cold_start
from backend_lambda.adapters.service import Service, make_service
from backend_lambda.adapters.settings import NotConfigured, read_settings
from backend_lambda.core.background import settle
from backend_lambda.protocol.limits import AWS_LIMITS, Limits

# Both live as long as the environment does: look-ups and learnt times are worth keeping.
_runner = asyncio.Runner()
_service: Service | None = None


class UnknownEvent(Exception):
    """Something else than our own gateways has called the function."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls. Raises UnknownEvent; visitors get every other failure as a page."""
    del context
    global _service
    if _service is None:
        _service = open_service(AWS_LIMITS)
    return _runner.run(serve(_service, event))


def open_service(limits: Limits) -> Service:
    """Of what the environment tells. Raises NotConfigured."""
    settings = read_settings()
    # Ours only: at DEBUG, which cannot be set, the library would write what it sends.
    logging.getLogger("backend_lambda").setLevel(settings.log_level)
    return make_service(settings, limits)


async def serve(service: Service, event: dict[str, Any]) -> dict[str, Any]:
    """One event and its whole result. Raises UnknownEvent."""
    try:
        if not isinstance(event, dict):
            raise UnknownEvent(f"No event of ours: {type(event).__name__}")
        request = event.get("requestContext")
        if not isinstance(request, dict):
            request = {}
        if "connectionId" in request:
            return await service.agents.serve(event)
        if "http" in request or "httpMethod" in event:
            return await service.visitor(event)
        if "detail-type" in event:
            return {}  # expired rows need no sweep: every reader knows them, and DynamoDB deletes them for nothing
        raise UnknownEvent(f"No event of ours: it has {', '.join(sorted(event)) or 'no fields'}")
    finally:
        # Lambda freezes the process with the answer: what was left running would go out with a later event, or never.
        await settle()


def _warm_up() -> None:
    """Make the clients, which is most of a cold start, while Lambda still lends a whole processor: at 512 MB an event
    has less than a third of one."""
    try:
        settings = read_settings()
    except NotConfigured:
        return  # the first event will say so
    dynamodb(settings)
    connections(settings)
    note_cold_start()


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _warm_up()
