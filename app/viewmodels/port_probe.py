"""Answers the [Test] button of the tunnel editor: does something accept connections there?"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from app.domain.problems import fail
from app.domain.upstream import Upstream

TIMEOUT = 2.0  # seconds


async def probe(upstream: Upstream, within: float = TIMEOUT) -> None:
    """Return if the port accepts a TCP connection; raises HatchwayError (`upstream_refused`,
    `upstream_timeout`, `upstream_unknown_host`, `upstream_unreachable`) if not."""
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(upstream.host, upstream.port)
    except TimeoutError:
        raise fail(
            "upstream_timeout",
            f"{upstream.authority} does not answer within {within:g} s",
            "your service",
            "Check the host, and whether a firewall drops the connection.",
        ) from None
    except ConnectionRefusedError:
        raise fail(
            "upstream_refused",
            f"Port {upstream.port} refuses connections",
            "your service",
            "Start your service, or choose another port.",
        ) from None
    except OSError as error:
        raise _unreachable(upstream, error) from None
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _unreachable(upstream: Upstream, error: OSError) -> Exception:
    # asyncio joins the errors of several addresses (::1 and 127.0.0.1) into one without errno.
    if "Connect call failed" in str(error) and error.errno is None:
        return fail(
            "upstream_refused",
            f"Port {upstream.port} refuses connections",
            "your service",
            "Start your service, or choose another port.",
        )
    if isinstance(error, OSError) and type(error).__name__ == "gaierror":
        return fail(
            "upstream_unknown_host", f"No such host: {upstream.host}", "you", "Check the spelling of the host name."
        )
    return fail(
        "upstream_unreachable", f"{upstream.authority} cannot be reached", "network", error.strerror or str(error)
    )
