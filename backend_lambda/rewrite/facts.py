"""What the visitor's request says about the answer that it wants, read once, before the app hears of it."""

from __future__ import annotations

from dataclasses import dataclass

from backend_lambda.rewrite.headers import Headers

OFF = "__hw_off"
"""A page asked for with this in its query is shown without the runtime (R24); the cookie `hw_off` does it for all."""

WORKER = "__hw_worker"
"""The runtime puts it into the query of workers' scripts where browsers send no `Sec-Fetch-Dest`."""

_PAGES = frozenset({"document", "iframe", "frame", "fencedframe"})
_READ = {
    "accept": "accept",
    "accept-encoding": "accept_encoding",
    "if-none-match": "if_none_match",
    "referer": "referer",
    "sec-fetch-dest": "destination",
    "sec-fetch-mode": "mode",
    "sec-fetch-site": "site",
}


@dataclass(slots=True)
class RequestFacts:
    """method, path (raw, in the app's view, without the query) and the fields that decide, "" where there is none.

    destination, mode, site: `Sec-Fetch-Dest`, `-Mode`, `-Site`
    is_off: the visitor wants to see the page without the runtime
    """

    method: str
    path: str
    accept: str = ""
    accept_encoding: str = ""
    destination: str = ""
    if_none_match: str = ""
    mode: str = ""
    referer: str = ""
    site: str = ""
    is_off: bool = False

    @property
    def is_page(self) -> bool:
        """Whether a browser asks for a document to show, in a tab or a frame."""
        return self.destination in _PAGES

    @property
    def may_be_page(self) -> bool:
        """The same, guessed where browsers send no `Sec-Fetch-Dest`: over plain http to another computer. What they
        accept names XHTML only for documents."""
        return self.is_page or (not self.destination and "application/xhtml+xml" in self.accept)

    @property
    def takes_gzip(self) -> bool:
        """Whether an answer may be sent as gzip (RFC 9110, section 12.5.3)."""
        return takes(self.accept_encoding, "gzip")


def read_facts(method: str, target: str, headers: Headers) -> RequestFacts:
    """target: path and query in the app's view. Never raises; of a repeated field the first one counts."""
    path, _, query = target.partition("?")
    facts = RequestFacts(method, path)
    for name, value in headers:
        lower = name.lower()
        attribute = _READ.get(lower)
        if attribute is not None:
            if not getattr(facts, attribute):
                setattr(facts, attribute, value)
        elif lower == "cookie" and "hw_off=" in value:
            facts.is_off = any(part.strip() == "hw_off=1" for part in value.split(";"))
    if WORKER in query and not facts.destination and WORKER in query.split("&"):
        facts.destination = "worker"
    if OFF in query:
        facts.is_off = facts.is_off or any(part.partition("=")[0] == OFF for part in query.split("&"))
    return facts


def without_marks(target: str) -> str:
    """The target as the app must see it: what is ours in its query is gone, all else stays byte for byte."""
    path, mark, query = target.partition("?")
    if not mark or (OFF not in query and WORKER not in query):
        return target
    kept = [part for part in query.split("&") if part.partition("=")[0] not in (OFF, WORKER)]
    return f"{path}?{'&'.join(kept)}" if kept else path


def takes(accept_encoding: str, coding: str) -> bool:
    """Whether that coding is acceptable; without the field only identity is taken for granted here."""
    wildcard = False
    for item in accept_encoding.split(","):
        name, _, parameters = item.partition(";")
        name = name.strip().lower()
        if name not in (coding, "*"):
            continue
        weight = parameters.replace(" ", "").lower()
        accepted = not _is_zero(weight)
        if name == coding:
            return accepted
        wildcard = accepted
    return wildcard


def _is_zero(weight: str) -> bool:
    """Whether a weight says `not at all`: `q=0`, `q=0.000`."""
    key, _, value = weight.partition("=")
    return key == "q" and bool(value) and not value.strip("0.")
