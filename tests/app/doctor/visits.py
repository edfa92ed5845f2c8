"""Visits that never were: what a browser would have told about a page, said by a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from app.doctor.look import Look, Sight
from app.doctor.records import Answer, Asked, Complaint, Failed
from app.doctor.visitor import Visitor

UPSTREAM = "http://localhost:3000"
TUNNEL = "http://127.0.0.1:4780/shop"
ALL = ("L0", "L1", "L2", "L3", "L4")


class _Silent:
    """A page, and the context of it, that report nothing by themselves."""

    url = "about:blank"

    @property
    def context(self) -> _Silent:
        return self

    def on(self, *_: object) -> None:
        pass


class MadeUp:
    """A visit in the making: the page itself is its first request."""

    def __init__(self, base: str = TUNNEL, layers: Sequence[str] | None = None, path: str = "/page") -> None:
        self.visitor = Visitor(cast(Any, _Silent()), base)
        self.page = base + path
        if layers is None:
            layers = ALL if self.visitor.prefix else ()
        self.asks(self.page, kind="document", page="about:blank", layers=tuple(layers))
        self.shows()

    def asks(
        self,
        url: str,
        status: int | str = 200,
        *,
        kind: str = "fetch",
        method: str = "GET",
        page: str | None = None,
        layers: tuple[str, ...] = (),
        recovered: bool = False,
        error: str = "",
    ) -> MadeUp:
        """status: of the answer, or why there was none."""
        asked = Asked(method, url, kind, self.page if page is None else page)
        self.visitor.asked.append(asked)
        if isinstance(status, int):
            self.visitor.answers[method, url] = Answer(status, layers, recovered, error)
        if isinstance(status, str) or status >= 400:
            self.visitor.failed.append(Failed(asked, str(status)))
        return self

    def complains(self, text: str, *, kind: str = "console", about: str = "") -> MadeUp:
        self.visitor.complained.append(Complaint(kind, text, self.page, about=about))
        return self

    def shows(self, *lines: str, title: str = "", headings: tuple[str, ...] = (), **fields: Any) -> MadeUp:
        sight = {
            "asked": "/page",
            "reached": "/page",
            "status": 200,
            "title": title,
            "headings": headings,
            "lines": lines,
        }
        self.visitor.seen = Look((Sight(**{**sight, **fields}),))
        return self
