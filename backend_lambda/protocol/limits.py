"""The numbers of the protocol: sizes in bytes, times in milliseconds. `welcome` carries them to the agent."""

from __future__ import annotations

from dataclasses import dataclass, replace

PROTOCOL_VERSION = 1

MAX_ID = 64  # characters of a request id
MAX_HEADERS = 512  # header pairs of one message
MAX_HEAD = 64 * 1024  # bytes of method, target and headers of one message
MAX_TARGET = 32 * 1024  # characters of a target
MAX_DELTA = 8 * 1024  # characters of the pairs that a header delta spells out
MAX_HELD = 64  # data messages kept while an earlier one is missing
SOCKET_WINDOW = 256 * 1024  # bytes of credit of a WebSocket's directions where `slots` is true
SOCKET_LEAST = 8 * 1024  # bytes that each `data` takes of it, however small: so few are on their way at a time
MAX_SOCKET_MESSAGE = 64 * 1024 * 1024  # bytes of one WebSocket message, all its parts together
MAX_REPORT = 64  # entries of each list of a `report`
MAX_CLOSE_REASON = 123  # bytes, RFC 6455 section 5.5.1
MAX_BLOB = 256 * 1024 * 1024  # bytes of a body that goes as a blob
MAX_BLOB_URL = 8 * 1024  # characters
MAX_EVENT_BODY = 4_500_000  # bytes of a request where a function gets it as one event: base64 of more does not fit


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
    blob: bytes of an answer's body, deflated where that helps, above which it goes to the `reply_url` of its request;
        None where there are no blobs
    stream: bytes of `data` bodies that an answer over HTTP may have outstanding where `window` is None, but the front
        door passes answers on as they come; None where it waits for their end
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
    blob: int | None = None
    stream: int | None = None


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
    blob=8_700,
)
"""API Gateway: 128 KB messages in frames of 32 KB, 10 minutes of silence, 2 hours, 30 seconds for an answer. base64
makes 4 bytes of 3; `inline` leaves 50 KB for a head, since an HTTP API takes 10 KB of headers. A row of the table costs
$0.625 a million and KB, a body in the bucket $5.40 and 40 ms of waiting: `blob` is where nine KB of row end."""

AWS_STREAM_LIMITS = replace(AWS_LIMITS, deadline=120_000, stream=1024 * 1024)
"""The same with a Function URL, which streams and has no limit of its own: answers may take as long as at the relay.
The window is a dozen messages; a larger one saves `window` messages, which cost what any other does."""
