"""One message inside an exchange: of a WebSocket, or a server-sent event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["visitor", "upstream"]
"""Who sent it."""

FrameKind = Literal["text", "binary", "close", "event"]
"""`event` is a server-sent event; its data are the lines of the event as they came, without the blank line."""


@dataclass(frozen=True, slots=True)
class Frame:
    """number: 0, 1, 2 … within the exchange, both directions together; time_ns: Unix time

    data: the kept part of the payload (text as UTF-8; close: the reason); size: bytes of the whole payload
    code: of a close frame, if it had one
    """

    number: int
    direction: Direction
    kind: FrameKind
    time_ns: int
    data: bytes
    size: int
    code: int | None = None

    @property
    def truncated(self) -> bool:
        return self.size > len(self.data)
