"""One request and its answer, recorded while it happens.

An `Exchange` is written by the agent (or by replay) on the event loop and read by everyone else; after
`finished_ns` is set only what is learnt or decided later changes: `rewriting`, `delivered`, `verdict`, `pinned`,
`note`. Times are Unix time in nanoseconds.
"""

from __future__ import annotations

import enum
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from app.domain.problems import Problem
from app.domain.tunnel import RewriteOptions
from app.domain.verdict import Verdict

Headers = tuple[tuple[str, str], ...]
"""Ordered (name, value) pairs; duplicates, order and case as they came; values are latin-1 text."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


_last_number = 0


def new_exchange_id() -> str:
    """12 characters, sortable by time (40 bits of milliseconds, 20 random); short enough to type.

    Rises strictly within a process, so that a burst within one millisecond never meets itself.
    """
    global _last_number
    number = (time.time_ns() // 1_000_000 % (1 << 40)) << 20 | secrets.randbits(20)
    _last_number = number = max(number, _last_number + 1)
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(55, -5, -5)])


class Body:
    """The captured part of a body: counts every byte, keeps the first `limit` of them.

    recorded: of an outline, whose data is in the history only, how many bytes that has
    """

    __slots__ = ("_chunks", "_recorded", "kept", "limit", "size")

    def __init__(
        self, data: bytes = b"", *, size: int | None = None, limit: int = 1024 * 1024, recorded: int | None = None
    ) -> None:
        self._recorded = recorded
        # A list only where something is appended: the garbage collector looks at each, and a window has many exchanges.
        self._chunks: list[bytes] | tuple[bytes, ...] = (data,) if data else ()
        self.kept = len(data)
        self.size = len(data) if size is None else size
        self.limit = limit

    def append(self, chunk: bytes) -> None:
        """Count the chunk and keep what fits."""
        self.size += len(chunk)
        room = self.limit - self.kept
        if room > 0:
            piece = bytes(chunk[:room])
            if isinstance(self._chunks, list):
                self._chunks.append(piece)
            else:
                self._chunks = [*self._chunks, piece]
            self.kept += len(piece)

    @property
    def data(self) -> bytes:
        """The kept bytes, still content-encoded as they were on the wire."""
        # Nothing is written back: other threads look while the loop appends.
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    @property
    def truncated(self) -> bool:
        return self.size > self.kept

    @property
    def recorded(self) -> int:
        """How many bytes were captured, whether they are here or not."""
        return self.kept if self._recorded is None else self._recorded

    @property
    def incomplete(self) -> bool:
        """Whether the capture has not all of it; unlike `truncated`, an outline knows that too."""
        return self.size > self.recorded

    def outline(self) -> Body:
        """The same without its data."""
        return Body(size=self.size, recorded=self.recorded)


class ExchangeState(enum.Enum):
    """Where an exchange stands; the value is stored and printed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # no complete answer; `problem` says why
    CANCELLED = "cancelled"  # the visitor went away


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What rewriting did to an answer on its way to the visitor, as the backend reports it.

    kind: what the body was rewritten as (`html`, `css` …), empty if only the head was
    layers: names of the layers that ran (`L0` …)
    edits: kind of edit → how many; the words are those of the protocol's `report`, and open for new ones
    notes: why something was left as it came, in such words too
    """

    kind: str = ""
    layers: tuple[str, ...] = ()
    edits: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitorRequest:
    """The request as the visitor sent it, before it was mapped for the upstream.

    target: path and query below the public host, byte-exact
    """

    method: str
    target: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Delivered:
    """The answer as the visitor got it, after rewriting.

    size: bytes of the body; digest: SHA-256 of the body in hex, empty if unknown; it proves a reproduction right
    """

    status: int
    headers: Headers
    size: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class HarFacts:
    """What a HAR file says of an exchange that has no other place here; kept so that it can go out again.

    versions: of HTTP, of request and answer; server: its IP address; connection: the file's name for it
    sizes: bytes on the wire of the request's head and body and the answer's head and body; -1 if unknown
    timings: phase → milliseconds, -1 if it does not apply
    cache: what the browser's cache held, before and after; HAR's words
    """

    versions: tuple[str, str] = ("", "")
    server: str = ""
    connection: str = ""
    sizes: tuple[int, int, int, int] = (-1, -1, -1, -1)
    timings: dict[str, float] = field(default_factory=dict)
    cache: dict[str, dict[str, str | int]] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """One request as the upstream got it and its raw answer.

    tunnel: name of the tunnel; tunnel_id: its stable key
    target: path and query, byte-exact
    visitor: address of the visitor, empty for a replay
    public_url: the URL the visitor asked for; for a replay the upstream's URL
    upstream: origin of the service that got the request
    sent_ns: the upstream has the head; first_byte_ns: its answer's head came
    leak: path of the page that asked without the tunnel's prefix; None if the request came with it
    rewriting: what became of the answer on its way; as a rule known only after the end, if there is anything to tell
    relay_ns: the front door got the request (its clock); None if it did not say
    visitor_request, delivered: the ends of the way that the agent does not see itself; None if unknown
    frames: how many WebSocket messages or server-sent events were seen; frames_lost: how many of them were not kept
    options: what the tunnel was set to then, if rewriting depends on it; None if that was not recorded
    verdict: of a replay, how its answer compares with the original's
    imported: it came from a file, not through a tunnel; har: what else that file says of it
    """

    tunnel: str
    tunnel_id: str
    method: str
    target: str
    upstream: str
    request_headers: Headers = ()
    id: str = field(default_factory=new_exchange_id)
    kind: Literal["http", "websocket"] = "http"
    public_url: str = ""
    visitor: str = ""
    replay_of: str | None = None
    request_body: Body = field(default_factory=Body)
    status: int | None = None
    reason: str = ""
    response_headers: Headers = ()
    response_body: Body = field(default_factory=Body)
    state: ExchangeState = ExchangeState.RUNNING
    problem: Problem | None = None
    started_ns: int = field(default_factory=time.time_ns)
    sent_ns: int | None = None
    first_byte_ns: int | None = None
    finished_ns: int | None = None
    leak: str | None = None
    rewriting: Rewriting | None = None
    relay_ns: int | None = None
    visitor_request: VisitorRequest | None = None
    delivered: Delivered | None = None
    frames: int = 0
    frames_lost: int = 0
    options: RewriteOptions | None = None
    verdict: Verdict | None = None
    pinned: bool = False
    note: str = ""
    imported: bool = False
    har: HarFacts | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def duration_ms(self) -> float | None:
        """From arrival to the last byte; None while running."""
        return None if self.finished_ns is None else (self.finished_ns - self.started_ns) / 1e6

    def response_header(self, name: str) -> str | None:
        """The first response header of that name (any case)."""
        return first_header(self.response_headers, name)

    def request_header(self, name: str) -> str | None:
        """The first request header of that name (any case)."""
        return first_header(self.request_headers, name)


def first_header(headers: Headers, name: str) -> str | None:
    """The value of the first header of that name (any case)."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
