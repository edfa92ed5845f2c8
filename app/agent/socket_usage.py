"""What visitors' WebSockets cost on AWS beside the agent's own connection: each has a connection of its own there, and
the function carries every message of it from one to the other."""

from __future__ import annotations

from typing import Final

from app.domain.cost import WS_STEP
from app.domain.usage import Usage
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Message, Window

_CARRY_MS: Final = 15
_REMEMBERED: Final = 1024
_FIELDS: Final = 60  # bytes of a message beside its body


class SocketUsage:
    """Of one connection of the agent."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage
        self._open: set[str] = set()
        self._known: dict[str, None] = {}  # those that are over as well: messages may still be on their way

    @property
    def count(self) -> int:
        """How many are open now."""
        return len(self._open)

    def __contains__(self, id_: str) -> bool:
        """Whether messages of that exchange belong to a visitor's WebSocket."""
        return id_ in self._known

    def asked(self, id_: str, busy_ms: float, *, accepted: bool) -> None:
        """A page asked for one. busy_ms: of the function, until the service had answered"""
        usage = self._usage
        usage.requests += 1
        usage.calls += 2  # the page's ticket, then $connect
        usage.busy_ms += round(busy_ms)
        usage.write_units += 4  # the ticket comes and goes; the visitor's rows
        usage.reads += 4  # the ticket, the tunnel
        self._open.add(id_)
        if not accepted:
            self._closed(id_)
            return
        self._known[id_] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    def carried(self, message: Message) -> None:
        """A message of an open one passed the agent's connection, either way; it passes the visitor's as well."""
        usage = self._usage
        usage.calls += 1
        usage.busy_ms += _CARRY_MS
        if isinstance(message, Cancel):  # that tells only that the visitor has gone
            self._closed(message.id)
            return
        # There bodies are base64 and never deflated.
        size = (len(message.body) + 2) // 3 * 4 + _FIELDS if isinstance(message, Data) else 1
        usage.ws_messages += (size + WS_STEP - 1) // WS_STEP

    def sent(self, message: Data | End | Window | Error) -> None:
        """The agent sent it; after an end the page closes its connection."""
        if message.id not in self._open:
            self._usage.calls += 1  # the function finds nobody to tell it
            return
        self.carried(message)
        if isinstance(message, End | Error):
            self._usage.calls += 1  # $disconnect
            self._usage.busy_ms += _CARRY_MS
            self._closed(message.id)

    def lost(self) -> None:
        """The agent's connection is gone: its visitors are told so."""
        for id_ in list(self._open):
            self._usage.ws_messages += 1
            self._usage.calls += 1
            self._usage.busy_ms += _CARRY_MS
            self._closed(id_)

    def _closed(self, id_: str) -> None:
        if id_ in self._open:
            self._open.discard(id_)
            self._usage.write_units += 2
