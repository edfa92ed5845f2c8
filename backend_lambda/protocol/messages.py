"""Every message of the protocol as a value. Field by field in `docs/protocol.md`.

Bodies are raw bytes here; how they travel (base64 in JSON, or raw after a JSON line) is the codec's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from backend_lambda.protocol.limits import PROTOCOL_VERSION, Limits

Headers = list[tuple[str, str]]
"""Ordered (name, value) pairs; duplicates, order and case survive; values are latin-1 text."""

Delta = list[int | tuple[str, str]]
"""A header list told by another one: an index into that, or a pair that is not in it (`header_delta.py`)."""

Kind = Literal["http", "websocket"]

Mode = Literal["auto", "app", "spa", "static", "raw", "host"]
"""How a tunnel is rewritten (`docs/rewriting.md`)."""


@dataclass(frozen=True, slots=True)
class TunnelOptions:
    """What the backend must know of the tunnel to map its traffic.

    upstream: the origin the app believes it has, e.g. `http://localhost:3000`
    host_header: which Host the app sees, its own or the visitor's
    forwarded: `localhost` sends only X-Forwarded-For and X-Real-IP, `aware` the whole family (RQ8, RQ9)
    mode: how bodies are rewritten
    rewrite_oauth: sign-in redirects whose query names the upstream send it back to the public address (RH2)
    blobs: whether the agent takes and puts bodies by the store beside the connection
    """

    upstream: str
    host_header: Literal["upstream", "public"] = "upstream"
    forwarded: Literal["localhost", "aware"] = "localhost"
    mode: Mode = "auto"
    rewrite_oauth: bool = False
    blobs: bool = False


@dataclass(frozen=True, slots=True)
class Hello:
    """agent → backend, first message. owner: secret of this installation; only its hash is stored."""

    tunnel: str | None
    owner: str
    options: TunnelOptions
    agent: str = ""
    binary: bool = False
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class Welcome:
    """backend → agent: the tunnel is live. generation rises with every connection of the same owner."""

    tunnel: str
    generation: int
    path_url: str
    host_url: str | None
    scope: Literal["computer", "network", "internet"]
    limits: Limits
    binary: bool = False
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class Ping:
    """agent → backend."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Pong:
    """backend → agent, with the id of the ping."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asked, as the front door saw it; for display, never for forwarding decisions.

    url: the URL the visitor asked for, byte-exact
    headers: the visitor's own, as a delta to those of the request; None if it is not told
    received: Unix time in microseconds at which the front door had the head; 0 if it is not told
    """

    address: str = ""
    url: str = ""
    headers: Delta | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Blob:
    """A complete body that lies in a store beside the connection.

    size: bytes of the body itself
    deflated: it is stored in zlib format
    url: where the receiver gets it; "" in a `response`, whose receiver knows the place
    """

    size: int
    deflated: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """backend → agent. If `end` is False, `data` and `end` follow with the rest of the body.

    target: path and query as the upstream must see them, byte-exact
    deadline: milliseconds the backend will wait for the head of the answer
    blob: the body, in place of `body`
    reply_url: where the body of the answer may be put; "" if nowhere
    """

    id: str
    method: str
    target: str
    headers: Headers
    body: bytes = b""
    end: bool = True
    kind: Kind = "http"
    visitor: Visitor = Visitor()
    deadline: int = 0
    blob: Blob | None = None
    reply_url: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """agent → backend. If `end` is False, `data` and `end` (or `error`) follow.

    blob: the body has been put to the `reply_url` of the request
    """

    id: str
    status: int
    headers: Headers
    body: bytes = b""
    end: bool = True
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Both ways: the next piece of a body, or (part of) a WebSocket message.

    seq: 0, 1, 2 … per exchange and direction
    text: a WebSocket text message; more: the WebSocket message goes on in the next `data`
    blob: the piece lies in the store, where the newest `reply_url` says; only in answers
    """

    id: str
    seq: int
    body: bytes
    text: bool = False
    more: bool = False
    blob: Blob | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Both ways: the body (or the WebSocket) ends. seq: how many `data` there were; code, reason: WebSocket close."""

    id: str
    seq: int
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Both ways: the receiver of `data` has room for so many more bytes. reply_url: and a place in the store for one
    more piece of the answer, "" for none"""

    id: str
    bytes: int
    reply_url: str = ""


@dataclass(frozen=True, slots=True)
class Error:
    """Both ways. With an id: this exchange failed (before its head: the backend makes the page; after: it is
    cut visibly). With an empty id: the connection failed and will be closed."""

    id: str
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """backend → agent: nobody waits for this answer any more."""

    id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """agent → backend: no new requests please; the connection closes when the running ones are done.

    release: give the name up as well (the tunnel was stopped, not just moved or restarted)
    """

    release: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Superseded:
    """backend → agent: a newer connection of the same owner has the tunnel; finish what runs, then close."""

    generation: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The answer as the visitor gets it.

    headers: a delta to those of the `response`
    size: bytes of the body on the wire; sha256: of the body without its content coding, in hex. Both only where
    the body was rewritten
    """

    status: int
    headers: Delta
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """backend → agent: what rewriting did to the answer of exchange `id`, sent when that answer is complete.

    kind: what the body was rewritten as (`html`, `css`, `manifest` …), empty if only the head was
    layers: names of the layers that ran, e.g. `L0`
    edits: kind of edit → how many, e.g. `{"url": 12, "runtime": 1, "cookie": 2}`
    notes: why something was left as it came, e.g. `charset`
    delivered: what has become of the answer; None if it is not told
    """

    id: str
    kind: str = ""
    layers: list[str] = field(default_factory=list)
    edits: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    delivered: Delivered | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """backend → agent: a request came to the public origin without the prefix and is being sent back to it.

    target: path and query that the visitor asked for, as the `request` that follows the redirect will have it
    page: path, in the app's view, of the page or style sheet that asked
    """

    method: str
    target: str
    page: str


AgentMessage = Hello | Ping | Response | Data | End | Window | Error | Goodbye
BackendMessage = Welcome | Pong | Request | Data | End | Window | Cancel | Superseded | Report | Leak | Error
Message = AgentMessage | BackendMessage
