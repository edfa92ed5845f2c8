"""mitmproxy's `~` operators in words of ours, for fingers that know them (its flowfilter: regexes, any case)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Argument:
    """The operator takes a value: a regular expression for `field`, or a status."""

    field: str
    kind: Literal["regex", "status"] = "regex"


OPERATORS: dict[str, str | Argument] = {
    "a": "type:/javascript|css|image|font|shockwave-flash/",
    "all": "",
    "b": Argument("body"),
    "bq": Argument("req.body"),
    "bs": Argument("resp.body"),
    "c": Argument("status", "status"),
    "comment": Argument("note"),
    "d": Argument("host"),
    "dst": Argument("upstream"),
    "e": "is:failed",
    "h": Argument("header"),
    "hq": Argument("req.header"),
    "hs": Argument("resp.header"),
    "http": "is:http",
    "m": Argument("method"),
    "marked": "is:pinned",
    "q": "NOT has:response",
    "replay": "is:replay",
    "replayq": "is:replay",
    "s": "has:response",
    "src": Argument("visitor"),
    "t": Argument("type"),
    "tq": Argument("req.type"),
    "ts": Argument("type"),
    "u": Argument("url"),
    "websocket": "is:websocket",
}

UNSUPPORTED: dict[str, str] = {
    "dns": "Hatchway carries HTTP and WebSockets only; there is no ~dns",
    "meta": "There is no metadata here; use ~comment for notes",
    "marker": "There is one kind of mark here; use ~marked",
    "replays": "Answers are not replayed here; use ~replay",
    "tcp": "Hatchway carries HTTP and WebSockets only; there is no ~tcp",
    "udp": "Hatchway carries HTTP and WebSockets only; there is no ~udp",
}
