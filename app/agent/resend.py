"""Replies that API Gateway has dropped, sent again.

A message that the gateway throttles, or cannot hand on, is lost; the sender is told so, but not which of its messages
it was. One that the table refuses is lost without a word, until the backend asks again. A reply's place in the table is
fixed (protocol/slots.py), so to write it twice changes nothing: the latest ones are kept as long as somebody may wait
for them. When the gateway complains all those of the last moments are sent once more, when the backend asks those of
one request.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from backend_lambda.protocol.messages import AgentMessage

# What the gateway says → how many seconds before the message may have been sent. It throttles at once; the route of
# replies has five seconds for the table.
_COMPLAINTS: Final = {"Too Many Requests": 1.0, "Internal server error": 6.0}
_KEPT: Final = 30.0  # seconds; no backend of this kind waits longer for an answer (`limits.deadline`)
_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_TIMES: Final = 3  # that a reply is sent again after complaints; how often it asks the backend limits itself
_FIRST_PAUSE: Final = 0.25  # seconds
_LONGEST_PAUSE: Final = 4.0


@dataclass(slots=True)
class SentReply:
    """row: bytes that it takes in the table, for the meter; times: how often it has been sent again"""

    message: AgentMessage
    wire: str
    row: int
    at: float
    times: int = 0


class RecentReplies:
    """clock: in seconds, of the loop"""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: deque[SentReply] = deque()
        self._size = 0
        self._pause = _FIRST_PAUSE
        self._asked = float("-inf")

    def add(self, message: AgentMessage, wire: str, row: int) -> None:
        """It has just been sent."""
        now = self._clock()
        self._sent.append(SentReply(message, wire, row, now))
        self._size += len(wire)
        while self._sent and (self._size > _MOST_BYTES or self._sent[0].at < now - _KEPT):
            self._size -= len(self._sent.popleft().wire)

    def lost(self, wire: str | bytes) -> list[SentReply]:
        """Those to send again because of this message; empty for a message that is no complaint of the gateway."""
        back = _looks_back(wire)
        if back is None:
            return []
        now = self._clock()
        found = [reply for reply in self._sent if reply.at >= now - back]
        return [reply for reply in found if not self._is_spent(reply)]

    def of(self, request_id: str) -> list[SentReply]:
        """Those to send again because the backend asks for this answer."""
        return [reply for reply in self._sent if getattr(reply.message, "id", "") == request_id]

    def _is_spent(self, reply: SentReply) -> bool:
        reply.times += 1
        return reply.times > _MOST_TIMES

    def pause(self) -> float:
        """Seconds to wait before they are sent: twice as long each time, as long as the complaints go on."""
        now = self._clock()
        quiet = now - self._asked > 2 * _LONGEST_PAUSE
        self._pause = _FIRST_PAUSE if quiet else min(self._pause * 2, _LONGEST_PAUSE)
        self._asked = now
        return self._pause


def _looks_back(wire: str | bytes) -> float | None:
    # Nearly every message is one of ours, and large ones need not be read for this.
    if isinstance(wire, bytes) or len(wire) > 1000 or '"connectionId"' not in wire:
        return None
    try:
        fields = json.loads(wire)
    except ValueError:
        return None
    if not isinstance(fields, dict) or "type" in fields:
        return None
    return _COMPLAINTS.get(str(fields.get("message")))
