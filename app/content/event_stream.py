"""Splits `text/event-stream` into its events as the bytes pass (WHATWG HTML, section 9.2.5)."""

from __future__ import annotations

import re

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n|\r\r\n|\n\r(?!\n)|\r\n\r(?!\n)")
MAX_EVENT = 1 << 20
"""Bytes of an event that never ends which are remembered; what comes after is one with it, but not kept."""


class EventSplitter:
    """Feed it any pieces; it gives the events whole, as they came, without the blank line that ends them."""

    def __init__(self) -> None:
        self._rest = b""
        self._dropped = 0
        self._begun = False

    def feed(self, piece: bytes) -> list[tuple[bytes, int]]:
        """(kept bytes, bytes in all) of each event that ends in this piece; comments alone are events, too."""
        data = self._rest + piece
        if not self._begun and data:
            if len(data) < 3 and b"\xef\xbb\xbf".startswith(data):
                self._rest = data
                return []
            self._begun = True
            data = data.removeprefix(b"\xef\xbb\xbf")
        events = []
        start = 0
        # A CR at the very end may be half of a CRLF: wait for what follows.
        limit = len(data) - 1 if data.endswith(b"\r") else len(data)
        for found in _END.finditer(data, 0, limit):
            if found.start() < start:
                continue
            event = data[start : found.start()].lstrip(b"\r\n")
            if event:
                events.append((event, len(event) + self._dropped))
                self._dropped = 0
            start = found.end()
        self._rest = data[start:]
        if len(self._rest) > MAX_EVENT:
            self._dropped += len(self._rest) - MAX_EVENT
            # The end decides where the event is over; of the middle nothing is needed.
            self._rest = self._rest[: MAX_EVENT - 4] + self._rest[-4:]
        return events

    def close(self) -> list[tuple[bytes, int]]:
        """What came after the last blank line; browsers ignore it, but it was sent."""
        event = self._rest.strip(b"\r\n")
        self._rest = b""
        return [(event, len(event) + self._dropped)] if event else []
