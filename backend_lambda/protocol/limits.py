"""The numbers of the protocol: sizes in bytes, times in milliseconds. `welcome` carries them to the agent."""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL_VERSION = 1

MAX_ID = 64  # characters of a request id
MAX_HEADERS = 512  # header pairs of one message
MAX_HEAD = 64 * 1024  # bytes of method, target and headers of one message
MAX_TARGET = 32 * 1024  # characters of a target
MAX_DELTA = 8 * 1024  # characters of the pairs that a header delta spells out
MAX_HELD = 64  # data messages kept while an earlier one is missing
MAX_SOCKET_MESSAGE = 64 * 1024 * 1024  # bytes of one WebSocket message, all its parts together
MAX_REPORT = 64  # entries of each list of a `report`
MAX_CLOSE_REASON = 123  # bytes, RFC 6455 section 5.5.1


@dataclass(frozen=True, slots=True)
class Limits:
    """What one backend can carry.

    message: bytes of one message as sent (JSON text, or JSON line and raw body)
    inline: bytes of a raw body that may ride in `request` and `response`
    chunk: bytes of a raw body in one `data`
    window: bytes of `data` bodies a sender may have outstanding per exchange and direction; None where the
        backend cannot stream and needs no flow control
    deadline: milliseconds from the end of the request until the head of the answer
    ping: milliseconds of silence after which the agent sends `ping`
    lifetime: milliseconds after which the backend closes any connection, None for never
    frame: bytes of one WebSocket frame the backend takes; longer messages are sent in several. None for no limit
    slots: whether replies go in envelopes (`slots.py`); such a backend takes text only
    """

    message: int
    inline: int
    chunk: int
    window: int | None
    deadline: int
    ping: int
    lifetime: int | None
    frame: int | None = None
    slots: bool = False


RELAY_LIMITS = Limits(
    message=2 * 1024 * 1024,
    inline=64 * 1024,
    chunk=64 * 1024,
    window=512 * 1024,
    deadline=120_000,
    ping=15_000,
    lifetime=None,
)
"""The embedded and the stand-alone relay. The window keeps 1 GiB transfers at full speed on loopback."""

AWS_LIMITS = Limits(
    message=128 * 1024,
    inline=60_000,
    chunk=90_000,
    window=None,
    deadline=25_000,
    ping=8 * 60_000,
    lifetime=2 * 3600_000,
    frame=32 * 1024,
    slots=True,
)
"""API Gateway: 128 KB messages in frames of 32 KB, 10 minutes of silence, 2 hours, 30 seconds for an answer. base64
makes 4 bytes of 3; `inline` leaves 50 KB for a head, since an HTTP API takes 10 KB of headers."""
