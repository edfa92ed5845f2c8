"""One request to a tunnel's public URL, as a visitor would make it: the test request of an empty list."""

from __future__ import annotations

import asyncio

from app.domain.problems import fail

_SECONDS = 30.0


async def visit(url: str) -> int:
    """GET the URL and return the status; the answer itself is in the inspector.

    Raises HatchwayError `visit_failed` if there is no answer at all.
    """
    # Imported in a thread: it takes a tenth of a second, which the event loop must not lose.
    httpx = await asyncio.to_thread(__import__, "httpx")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as visitor:
            response = await visitor.get(url, headers={"User-Agent": "Hatchway test request"})
    except httpx.HTTPError as error:
        raise fail(
            "visit_failed", f"The URL did not answer ({error})", "relay", "See the state of the tunnel."
        ) from None
    status: int = response.status_code
    return status
