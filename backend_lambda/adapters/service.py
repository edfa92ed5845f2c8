"""The core with its AWS adapters, put together once for each environment of the function."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, Final

from backend_lambda.adapters.admission import make_admission
from backend_lambda.adapters.agents import AgentEvents
from backend_lambda.adapters.bucket import open_bucket
from backend_lambda.adapters.clients import connections, dynamodb, parameters
from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.adapters.http_event import BadEvent, request_of
from backend_lambda.adapters.http_result import TooLarge, as_version_1, result_of
from backend_lambda.adapters.http_stream import VisitorStreams
from backend_lambda.adapters.large_answer import MOST_BODY, returnable
from backend_lambda.adapters.metrics import Tally, emit, side_of
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.adapters.posting import CallbackPush
from backend_lambda.adapters.settings import Settings
from backend_lambda.adapters.tunnel_table import DynamoTunnelStore
from backend_lambda.adapters.visitor_sockets import VisitorSockets
from backend_lambda.adapters.visitor_table import VisitorTable
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicRequest, PublicResponse, ResponseCut
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import Ports
from backend_lambda.core.sessions import Reach
from backend_lambda.protocol.limits import MAX_EVENT_BODY, Limits
from backend_lambda.protocol.messages import Headers

_FOR_THE_BODY: Final = 2.0  # seconds after the deadline of the head; the function itself has four
_log = logging.getLogger(__name__)


class Service:
    """agents: the WebSocket API's side; replies: the box that `forwarder` waits at; streams: visitors of a front door
    that passes answers on as they come"""

    def __init__(self, agents: AgentEvents, forwarder: Forwarder, replies: PollingReplyBox, deployment: str) -> None:
        self.agents = agents
        self.streams = VisitorStreams(forwarder, replies, deployment)
        self._forwarder = forwarder
        self._replies = replies
        self._deployment = deployment

    async def visitor(self, event: dict[str, Any]) -> dict[str, Any]:
        """The result for a visitor's request; every failure is a page."""
        tally = self._replies.tally = Tally()
        size = 0
        try:
            request = request_of(event)
            size = (request.body.length or 0) if request.body is not None else 0
            response, result = await self._answer(request)
        except BadEvent as error:
            _log.error("%s", error)
            response, result = await _page("bad_request", [])
        except Exception:
            # The gateway's own page would not say whose side it is.
            _log.exception("request failed")
            response, result = await _page("relay_failure", [])
        if event.get("version") != "2.0":
            result = as_version_1(result)
        text = result["body"]
        sent = len(text) * 3 // 4 - text[-2:].count("=") if result["isBase64Encoded"] else len(text)
        emit(self._deployment, tally, request_bytes=size, response_bytes=sent, side=side_of(response.headers))
        return result

    async def _answer(self, request: PublicRequest) -> tuple[PublicResponse, dict[str, Any]]:
        try:
            # An answer that does not end, such as events, would end with the function: without words, at full price.
            async with asyncio.timeout(self._replies.limits.deadline / 1000 + _FOR_THE_BODY):
                response = await returnable(await self._forwarder.handle(request), request)
                return response, await result_of(response, head_only=request.method == "HEAD")
        except TimeoutError:
            return await _page("deadline", request.headers)
        except TooLarge:
            return await _page("answer_too_large", request.headers)
        except ResponseCut as cut:
            # Nothing has been sent yet, so the visitor gets a page instead of half an answer.
            return await _page(cut.code, request.headers)


async def _page(code: str, headers: Headers) -> tuple[PublicResponse, dict[str, Any]]:
    response = failure_response(code, headers)
    return response, await result_of(response)


def make_service(settings: Settings, limits: Limits) -> Service:
    """Clients are made here, at the cold start, where AWS lends a faster processor."""
    table = dynamodb(settings)
    limits = limits if settings.bucket else replace(limits, blob=None)
    rows = ConnectionTable(table, settings.table)
    replies = PollingReplyBox(table, settings.table, limits, lambda connection: rows.read(connection) is not None)
    posts = connections(settings)
    bucket = open_bucket(settings)
    tickets = VisitorTable(table, settings.table)
    ports = Ports(DynamoTunnelStore(table, settings.table), CallbackPush(posts), replies, tickets, bucket, bucket)

    def host_url(name: str) -> str | None:
        return f"https://{name}.{settings.host_base}/" if settings.host_base else None

    public_url = settings.public_url or rows.public_url()
    reach = Reach(lambda name: (f"{public_url}/{name}/", host_url(name)), "internet")
    bases = (settings.host_base,) if settings.host_base else ()
    door = FrontDoor(
        limits, host_bases=bases, max_body=MAX_EVENT_BODY, host_url=host_url, socket_url=settings.socket_url,
        longest_part=MOST_BODY if limits.stream is None else None, store_origin="" if bucket is None else bucket.origin,
    )  # fmt: skip
    forwarder = Forwarder(ports, door)
    visitors = VisitorSockets(ports, forwarder, tickets, posts, limits)
    admission = make_admission(rows, settings, lambda: parameters(settings))
    agents = AgentEvents(ports, rows, visitors, limits, reach, admission)
    return Service(agents, forwarder, replies, settings.deployment)
