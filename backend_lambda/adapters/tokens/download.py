"""One small document over HTTPS, for the keys of an identity provider: no redirects, no proxies, bounded in size."""

from __future__ import annotations

import http.client
import ssl
import time
from typing import Final
from urllib.parse import urlsplit

from backend_lambda.adapters.tokens.errors import KeysUnavailable

_SECONDS: Final = 3.0  # for all of it; an agent waits ten for its connection
_LARGEST: Final = 256 * 1024
_PIECE: Final = 16 * 1024


def download(url: str, *, context: ssl.SSLContext | None = None) -> bytes:
    """The body of a 200. Raises KeysUnavailable, which names the host and never the rest of the address."""
    address = urlsplit(url)
    host = address.hostname or ""
    target = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    deadline = time.monotonic() + _SECONDS
    connection = http.client.HTTPSConnection(
        host, address.port, timeout=_SECONDS, context=context or ssl.create_default_context()
    )
    try:
        connection.request("GET", target, headers={"Accept": "application/json", "User-Agent": "hatchway"})
        response = connection.getresponse()
        if response.status != 200:
            # A redirect as well: it could lead anywhere, and what the deployment names is what it means.
            raise KeysUnavailable(f"{host} answered {response.status}")
        data = b""
        # The timeout of a socket begins anew with each byte; the deadline does not.
        while piece := response.read1(_PIECE):
            data += piece
            if len(data) > _LARGEST:
                raise KeysUnavailable(f"{host} sent more than {_LARGEST} bytes")
            if time.monotonic() > deadline:
                raise KeysUnavailable(f"{host} takes longer than {_SECONDS:g} s")
        return data
    except (OSError, http.client.HTTPException) as error:
        raise KeysUnavailable(f"{host} cannot be reached ({type(error).__name__})") from None
    finally:
        connection.close()
