"""What went wrong in one visit: each thing once, with all that was said about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import urlsplit

from app.doctor.address import Address
from app.doctor.records import Answer, Asked, Complaint, Frame
from app.doctor.visitor import Visitor
from app.domain.hosts import ip_address, is_loopback_host
from app.domain.upstream import Upstream

Kind = Literal["leak", "own_service", "other_service", "request", "websocket", "cookie", "uncaught", "console", "shown"]
"""leak: asked of the tunnel's host, but without its prefix. own_service: asked of the service itself, past the tunnel.
other_service: asked of another address that only this computer or its network reaches. shown: the page is another one.
The others failed."""

_MOST_FRAMES = 8
_MOST_DETAILS = 5
# Names of cookies that rewriting had to change, such as __Secure-hw.shop.Host-id for __Host-id.
_RENAMED = re.compile(r"(?:__Secure-)?hw\.[a-z0-9-]+\.(Host|Secure|Http|Own)-")


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that went wrong, in the app's own view.

    what: one line; key: the same for the same thing in another visit
    page: path of the page it happened on, empty for a worker; code: places in the app's code, innermost first
    details: what else was said about it; body: of a refused page
    asked, answer: the request, where it is one; times: how often
    """

    kind: Kind
    what: str
    key: str
    page: str = ""
    code: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    body: str = ""
    asked: Asked | None = None
    answer: Answer | None = None
    times: int = 1


def symptoms(visitor: Visitor, *, tunnelled: bool, upstream: Upstream | None = None) -> list[Symptom]:
    """All of a visit, by kind. upstream: where the tunnel leads, if known."""
    found = [*_requests(visitor, tunnelled, upstream), *_cookies(visitor)]
    rest = _explain(visitor.address, found, visitor.complained)
    return _grouped([*found, *rest])


def _requests(visitor: Visitor, tunnelled: bool, upstream: Upstream | None) -> Iterator[Symptom]:
    address = visitor.address
    reasons: dict[tuple[str, str], str] = {}
    for failed in visitor.failed:
        reasons.setdefault((failed.asked.method, failed.asked.url), failed.reason)
    leaks = {(asked.method, asked.url) for asked in _leaks(visitor)}
    stray = set()
    for asked in visitor.asked:
        name = (asked.method, asked.url)
        kind: Kind | None = "leak" if name in leaks else local_kind(asked.url, address, upstream) if tunnelled else None
        if kind is not None:
            stray.add(name)
            yield _request(visitor, asked, kind, reasons.get(name, ""))
    for failed in visitor.failed:
        asked = failed.asked
        # A page that is reloaded without its prefix gets the recovery page first, which may be a 404.
        comes_back = asked.kind == "document" and address.is_outside(asked.url)
        if (asked.method, asked.url) not in stray and not comes_back:
            yield _request(visitor, asked, "websocket" if asked.kind == "websocket" else "request", failed.reason)


def _leaks(visitor: Visitor) -> list[Asked]:
    """In mode spa pages are shown without the prefix, and come back to it by themselves when they are reloaded."""
    if "L5" not in layers_of(visitor):
        return visitor.leaks
    return [one for one in visitor.leaks if one.kind != "document" or not _same_page(one.page, one.url)]


def _request(visitor: Visitor, asked: Asked, kind: Kind, reason: str) -> Symptom:
    address = visitor.address
    answer = visitor.answers.get((asked.method, asked.url))
    verb = "WebSocket" if asked.kind == "websocket" else asked.method
    frames = visitor.trace.origins.get((asked.method, asked.url), ())
    return Symptom(
        kind,
        f"{verb} {address.short(asked.url)}",
        f"{verb} {address.comparable(asked.url)} {address.plain(reason)}",
        address.short(asked.page) if asked.page else "",
        places(frames, address),
        (reason,) if reason else (),
        asked=asked,
        answer=answer,
    )


def _cookies(visitor: Visitor) -> Iterator[Symptom]:
    for cookie in visitor.trace.cookies:
        if visitor.address.is_own(cookie.url):
            name = _RENAMED.sub(lambda match: "" if match[1] == "Own" else f"__{match[1]}-", cookie.name)
            reasons = ", ".join(cookie.reasons)
            page = visitor.address.short(cookie.url)
            yield Symptom("cookie", f"cookie {name}", f"{name} {reasons}", page, details=cookie.reasons)


def _explain(address: Address, found: list[Symptom], complaints: Iterable[Complaint]) -> list[Symptom]:
    """Adds to what was found what the console says about it; returns what was said about anything else."""
    by_url = {address.plain(one.asked.url): number for number, one in enumerate(found) if one.asked is not None}
    rest = []
    for complaint in complaints:
        text = address.plain(complaint.text)
        number = by_url.get(address.plain(complaint.about)) if complaint.about else _named(text, by_url)
        if number is None:
            rest.append(_complaint(address, complaint))
        elif not complaint.about:
            one = found[number]
            found[number] = replace(one, details=(*one.details, complaint.text))
    return rest


def _named(text: str, by_url: dict[str, int]) -> int | None:
    """What the text is about, if it names one of the URLs."""
    for url in sorted(by_url, key=len, reverse=True):
        if url in text and re.search(re.escape(url) + r"(?![\w%/?=&-])", text):
            return by_url[url]
    return None


def _complaint(address: Address, complaint: Complaint) -> Symptom:
    kind: Kind = "uncaught" if complaint.kind == "uncaught" else "console"
    text = " ".join(complaint.text.split())
    about = f" {address.short(complaint.about)}" if complaint.about else ""
    page = address.short(complaint.page) if complaint.page else ""
    code = places(complaint.frames, address)
    return Symptom(kind, text + about, f"{kind} {address.comparable(text + about)}", page, code)


def _grouped(found: Iterable[Symptom]) -> list[Symptom]:
    groups: dict[tuple[str, str], Symptom] = {}
    for one in found:
        same = groups.get((one.kind, one.key))
        if same is None:
            groups[one.kind, one.key] = replace(one, details=tuple(dict.fromkeys(one.details))[:_MOST_DETAILS])
        else:
            details = tuple(dict.fromkeys([*same.details, *one.details]))[:_MOST_DETAILS]
            groups[one.kind, one.key] = replace(same, times=same.times + 1, details=details, code=same.code or one.code)
    return sorted(groups.values(), key=lambda one: get_args(Kind).index(one.kind))


def layers_of(visitor: Visitor) -> tuple[str, ...]:
    """Those that ran for the pages of the visit, by the latest of them."""
    documents = [asked for asked in visitor.asked if asked.kind == "document"]
    heads = (visitor.answers.get((asked.method, asked.url)) for asked in reversed(documents))
    return next((head.layers for head in heads if head is not None and head.layers), ())


def local_kind(url: str, address: Address, upstream: Upstream | None) -> Kind | None:
    """Whether that URL of a page that came through a tunnel leads past it, to what only this computer reaches."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    literal = ip_address(host)
    is_here = is_loopback_host(host) or (literal is not None and literal.is_unspecified)
    if parts.scheme not in ("http", "https", "ws", "wss") or address.is_own(url):
        return None
    port = port or (443 if parts.scheme in ("https", "wss") else 80)
    is_same_host = upstream is not None and (host == upstream.host or (is_here and is_loopback_host(upstream.host)))
    if upstream is not None and port == upstream.port and is_same_host:
        return "own_service"
    return "other_service" if is_here or (literal is not None and literal.is_private) else None


def places(frames: Iterable[Frame], address: Address) -> tuple[str, ...]:
    """`load (/src/api.js:3)`, innermost first."""
    named = []
    for frame in frames:
        place = address.short(frame.url) + (f":{frame.line}" if frame.line else "")
        named.append(f"{frame.function} ({place})" if frame.function else place)
    return tuple(dict.fromkeys(named))[:_MOST_FRAMES]


def _same_page(page: str, url: str) -> bool:
    return page.partition("#")[0] == url.partition("#")[0]
