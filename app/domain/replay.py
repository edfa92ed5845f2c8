"""What replay sends: a captured request, with the user's edits if there are any."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.exchange import Headers


@dataclass(frozen=True, slots=True)
class EditedRequest:
    """A request after editing; `body` is complete and byte-exact, target is path and query."""

    method: str
    target: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class ReplayTarget:
    """Where a replay goes instead of its own tunnel's service: another tunnel's, or an address that the user typed.

    url: an origin such as `https://staging.example.com`, or `3000`; it counts if both are given
    """

    tunnel_id: str = ""
    url: str = ""
