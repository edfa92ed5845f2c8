"""Serves events for ever: visitors of the Function URL with answers that stream, all others as the handler does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
import traceback
from typing import Any, Final

from backend_lambda.adapters.http_event import comes_by_url
from backend_lambda.adapters.service import Service
from backend_lambda.core.background import settle
from backend_lambda.core.model import ResponseCut
from backend_lambda.entry import open_service, serve
from backend_lambda.protocol.limits import AWS_STREAM_LIMITS
from backend_lambda.streaming.log_lines import JsonLines
from backend_lambda.streaming.runtime_api import Invocation, ResponseStream, RuntimeApi, RuntimeApiError

# Seconds before Lambda ends the process: for the agent's `cancel`, the metrics and the end of the answer.
_MARGIN: Final = 2.0
_log = logging.getLogger(__name__)


def serve_forever(address: str, lines: JsonLines | None) -> None:
    """All that a runtime does. address: of the Runtime API; lines: as of `Loop`. Raises as `Loop.run`."""
    with contextlib.closing(RuntimeApi(address)) as api:
        Loop(api, lines).run()


class Loop:
    """lines: told which event is in work, None where logs go elsewhere"""

    def __init__(self, api: RuntimeApi, lines: JsonLines | None = None) -> None:
        self._api = api
        self._lines = lines

    def run(self) -> None:
        """Serve until the process is ended. Raises RuntimeApiError, and what kept the service from starting, once
        Lambda has been told of it."""
        with asyncio.Runner() as runner:
            try:
                service = open_service(AWS_STREAM_LIMITS)
            except Exception as error:
                self._api.fail_init(*_told(error))
                raise
            while True:
                invocation = self._api.next()
                if self._lines is not None:
                    self._lines.request_id = invocation.id
                os.environ["_X_AMZN_TRACE_ID"] = invocation.trace
                runner.run(self._serve(service, invocation))

    async def _serve(self, service: Service, invocation: Invocation) -> None:
        try:
            event = json.loads(invocation.payload)
            if isinstance(event, dict) and comes_by_url(event):
                await self._stream(service, invocation, event)
            else:
                # The WebSocket API reads results as a whole, and so does whoever calls the function directly.
                self._api.respond(invocation, json.dumps(await serve(service, event)).encode())
        except RuntimeApiError:
            raise
        except Exception as error:
            _log.exception("event failed")
            self._api.fail(invocation, *_told(error))
        # The process freezes when it asks for the next event, not with the answer: the visitor need not wait for this.
        await settle()

    async def _stream(self, service: Service, invocation: Invocation, event: dict[str, Any]) -> None:
        out = self._api.stream(invocation)
        until = asyncio.get_running_loop().time() + invocation.deadline - time.time() - _MARGIN
        try:
            await service.streams.serve(event, out, until)
            out.end()
        except ResponseCut as cut:
            _log.info("answer cut code=%s", cut.code)
            _cut(out, cut.code)
        except OSError as error:
            if not out.begun:
                raise RuntimeApiError(f"stream: {error}") from error
            # Lambda says that nobody takes the rest; the agent has been told while this came up here.
            _log.info("answer not taken (%s)", error)
        except Exception:
            if not out.begun:
                raise
            _log.exception("answer failed")
            _cut(out, "relay_failure")
        finally:
            out.close()


def _cut(out: ResponseStream, code: str) -> None:
    try:
        out.cut("Hatchway.ResponseCut", code)
    except OSError as error:
        _log.info("answer not taken (%s)", error)


def _told(error: Exception) -> tuple[str, str, list[str]]:
    return type(error).__name__, str(error), traceback.format_tb(error.__traceback__)
