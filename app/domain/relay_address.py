"""The address of a relay as a person types it, and the WebSocket address of its agents."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.domain.hosts import is_loopback_host
from app.domain.problems import fail

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def agent_url_of(address: str) -> str:
    """`wss://HOST/__hw/agent` for https://HOST.

    Raises HatchwayError `bad_relay_url`, also for an address elsewhere that would not be encrypted.
    """
    url = address.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        valid = valid and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        valid = False
    if not valid:
        raise fail("bad_relay_url", f"“{address}” is not the address of a relay", "you", "Use https://HOST.")
    if _SCHEMES[parts.scheme] == "ws" and not is_loopback_host(parts.hostname or ""):
        raise fail(
            "bad_relay_url",
            f"“{address}” would send your token, and every request, unencrypted over the network",
            "you",
            f"Use https://{parts.netloc}; only a relay on this computer may be plain.",
        )
    # A WebSocket address with a path is that of the agents themselves, as API Gateway has it: stage and nothing below.
    path = parts.path if parts.scheme in ("ws", "wss") and parts.path else f"{parts.path}/__hw/agent"
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{path}"
