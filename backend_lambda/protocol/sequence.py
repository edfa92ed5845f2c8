"""Puts `data` and `end` of one direction of one exchange back in order, drops duplicates, bounds what is held.

API Gateway delivers messages of one connection concurrently ("not necessarily … in the same order"), so the
order of arrival never means anything; on the relay the fast path is one comparison.
"""

from __future__ import annotations

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HELD
from backend_lambda.protocol.messages import Data, End


class Sequencer:
    """Feed it messages as they arrive; it gives back those that are next in line."""

    __slots__ = ("_end", "_held", "_next", "held_bytes")

    def __init__(self) -> None:
        self.held_bytes = 0  # of bodies that wait for an earlier one
        self._next = 0
        self._held: dict[int, Data] = {}
        self._end: End | None = None

    def accept(self, message: Data | End) -> list[Data | End]:
        """The messages that can be handed on now, in order (none if an earlier one is missing or it is a
        duplicate). Raises ProtocolError `out_of_order` if too many are held, or an end contradicts them."""
        if isinstance(message, End):
            if self._end is not None:
                if message.seq != self._end.seq:
                    raise ProtocolError("out_of_order", "two different ends")
                return []
            if message.seq < self._next or any(seq >= message.seq for seq in self._held):
                raise ProtocolError("out_of_order", "end before data")
            if message.seq - self._next > MAX_HELD:
                raise ProtocolError("out_of_order", "too many data missing")
            self._end = message
            return [message] if message.seq == self._next else []
        seq = message.seq
        if self._end is not None and seq >= self._end.seq:
            raise ProtocolError("out_of_order", "data after end")
        if seq == self._next and not self._held and self._end is None:
            self._next = seq + 1
            return [message]
        if seq < self._next or seq in self._held:
            return []
        if seq - self._next > MAX_HELD:
            raise ProtocolError("out_of_order", "too many data missing")
        self._held[seq] = message
        self.held_bytes += len(message.body)
        ready: list[Data | End] = []
        while (following := self._held.pop(self._next, None)) is not None:
            ready.append(following)
            self.held_bytes -= len(following.body)
            self._next += 1
        if self._end is not None and self._end.seq == self._next:
            ready.append(self._end)
        return ready
