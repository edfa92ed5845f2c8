"""What nobody has measured on a real account. The backend must work either way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unsure:
    """The defaults are the stricter or the likelier way.

    cuts_paths: an HTTP API's path ends at a decoded `?`, else the `?` is in it
    all_methods: methods beyond the usual seven reach the function, else 404
    remaps: the HTTP API renames headers of answers to `x-amzn-remapped-…`, as REST APIs do
    slow_status, busy_status: what a visitor gets when the function overruns its time, when no environment is free
    deflates: the WebSocket API accepts permessage-deflate
    """

    cuts_paths: bool = True
    all_methods: bool = False
    remaps: bool = False
    slow_status: int = 503
    busy_status: int = 503
    deflates: bool = False


REMAPPED: Final = frozenset({"date", "server", "www-authenticate"})
OTHER_WAY: Final = Unsure(
    cuts_paths=False, all_methods=True, remaps=True, slow_status=504, busy_status=500, deflates=True
)
"""All of it otherwise."""
