"""The plan of one response: which layers run, its final headers, and the pipeline its body goes through.

So far only layer L0 (headers, cookies, path) exists, so every body passes byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.headers import Header, Headers
from backend_lambda.rewrite.response_headers import map_response_headers


@dataclass(slots=True)
class ResponsePlan:
    """Decided before the first byte of the body: send `status` and `headers`, then what `feed` and `close` return.

    layers: names of the layers that run, as in `X-Hatchway-Rewrite`
    body_changed: whether the body may differ from the app's
    """

    status: int
    headers: list[Header]
    layers: str = "L0"
    body_changed: bool = False

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the app's body; returns those that can be sent now."""
        return data

    def close(self) -> bytes:
        """The app's body is complete; returns what was held back."""
        return b""


def plan_response(
    status: int, headers: Headers, context: RewriteContext, *, method: str, request_path: str | None = None
) -> ResponsePlan:
    """Decide what happens to a response. Never raises.

    request_path: raw path of the request in the app's view, without the prefix
    """
    mapped = map_response_headers(
        status, headers, context, method=method, body_changed=False, request_path=request_path
    )
    return ResponsePlan(status, mapped)
