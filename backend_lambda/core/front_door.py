"""What the core must know of the place it runs in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend_lambda.protocol.limits import Limits


def _no_host(name: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """host_bases: hosts whose sub-domains name tunnels, e.g. ("localhost",)
    max_body: bytes of a request body, None for no limit
    max_uploads: streamed request bodies at a time and tunnel; each may fill a window in the agent's memory
    host_url: name of a tunnel → the URL of its own host, None where there is none
    socket_url: where visitors' WebSockets go, with a ticket (socket_tickets.py); "" where the front door takes them
    store_origin: where pages find and put large bodies, if not at the front door; "" where they do not
    longest_part: bytes of a recording that a player gets at a time, None for no limit
    """

    limits: Limits
    host_bases: tuple[str, ...] = ("localhost",)
    max_body: int | None = None
    max_uploads: int = 100
    host_url: Callable[[str], str | None] = _no_host
    socket_url: str = ""
    longest_part: int | None = None
    store_origin: str = ""
