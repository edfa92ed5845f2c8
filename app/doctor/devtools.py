"""Listens to the DevTools protocol of pages: which code asked for a request, and which cookies were not taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from app.doctor.records import Frame, RefusedCookie, Trace

if TYPE_CHECKING:
    from playwright.async_api import Page

_ASYNC_DEPTH = 16  # how many `await`, timers and events a stack is followed through
_MOST_FRAMES = 32
_OWN_FILES = "/__hw/"
"""Our own scripts below a tunnel's prefix: whoever calls them is meant. backend_lambda.rewrite.loading has the name."""

_STACK_LINE = re.compile(r"^\s*at (?:(?P<function>.*?) \()?(?P<url>[a-z][a-z0-9+.-]*:.*?):(?P<line>\d+):\d+\)?$")


class Tracer:
    """Fills a trace while the pages it follows run."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._urls: dict[str, str] = {}
        self._refused: list[tuple[str, RefusedCookie]] = []

    async def follow(self, page: Page) -> None:
        """Listen to this page until it is closed; what it did before is not known."""
        from playwright.async_api import Error

        try:
            session = await page.context.new_cdp_session(page)
            session.on("Network.requestWillBeSent", self._on_request)
            session.on("Network.webSocketCreated", self._on_websocket)
            session.on("Network.responseReceivedExtraInfo", self._on_head)
            await session.send("Network.enable")
            await session.send("Runtime.enable")
            await session.send("Runtime.setAsyncCallStackDepth", {"maxDepth": _ASYNC_DEPTH})
        except Error:
            return  # a window that was closed at once

    def finish(self) -> Trace:
        """All that was heard. Heads of answers may come before the requests that they are for."""
        self.trace.cookies = [
            RefusedCookie(cookie.name, cookie.reasons, self._urls.get(request_id, ""))
            for request_id, cookie in self._refused
        ]
        return self.trace

    def _on_request(self, event: Mapping[str, Any]) -> None:
        request = event["request"]
        self._urls[event["requestId"]] = request["url"]
        self._keep(request["method"], request["url"], event["initiator"])

    def _on_websocket(self, event: Mapping[str, Any]) -> None:
        self._urls[event["requestId"]] = event["url"]
        self._keep("GET", event["url"], event.get("initiator", {}))

    def _on_head(self, event: Mapping[str, Any]) -> None:
        for blocked in event.get("blockedCookies", ()):
            name = blocked["cookieLine"].partition(";")[0].partition("=")[0].strip()
            cookie = RefusedCookie(name, tuple(blocked["blockedReasons"]), "")
            self._refused.append((event["requestId"], cookie))

    def _keep(self, method: str, url: str, initiator: Mapping[str, Any]) -> None:
        frames = tuple(_frames(initiator))[:_MOST_FRAMES]
        if frames:
            self.trace.origins.setdefault((method, url), frames)


def frames_of_stack(stack: str) -> tuple[Frame, ...]:
    """The places in the text of an error's `stack` as V8 writes it, innermost first; our own scripts are left out."""
    found = (_STACK_LINE.match(line) for line in stack.splitlines())
    frames = (Frame(match["url"], int(match["line"]), match["function"] or "") for match in found if match)
    return tuple(frame for frame in frames if not is_ours(frame.url))[:_MOST_FRAMES]


def is_ours(url: str) -> bool:
    """Whether that is a script of Hatchway's."""
    return _OWN_FILES in url


def _frames(initiator: Mapping[str, Any]) -> Iterator[Frame]:
    """Lines count from 0 there."""
    stack = initiator.get("stack")
    if stack is None and (url := initiator.get("url")):
        line = initiator.get("lineNumber")
        yield Frame(url, 0 if line is None else int(line) + 1)
    while stack is not None:
        for frame in stack["callFrames"]:
            if frame["url"] and not is_ours(frame["url"]):
                yield Frame(frame["url"], int(frame["lineNumber"]) + 1, frame["functionName"])
        stack = stack.get("parent")
