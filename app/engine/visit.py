"""One request to a tunnel's public URL, as a visitor would make it: the test request of an empty list."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from app.domain.problems import fail

_SECONDS = 30.0


async def visit(url: str) -> int:
    """GET the URL and return the status; the answer itself is in the inspector.

    Raises HatchwayError `visit_failed` if there is no answer at all.
    """
    address, authority = _connect_to(url)
    # Imported in a thread: it takes a tenth of a second, which the event loop must not lose.
    httpx = await asyncio.to_thread(__import__, "httpx")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as visitor:
            response = await visitor.get(address, headers={"Host": authority, "User-Agent": "Hatchway test request"})
    except httpx.HTTPError as error:
        raise fail(
            "visit_failed", f"The URL did not answer ({error})", "relay", "See the state of the tunnel."
        ) from None
    status: int = response.status_code
    return status


def _connect_to(url: str) -> tuple[str, str]:
    """(URL to connect to, Host to ask for). Browsers know what `shop.localhost` means (RFC 6761, section 6.3), the
    resolver of the system often does not."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, parts.netloc
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl(), parts.netloc
