"""One body on its way to the visitor: where it stands, which references of it move, and what was changed in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.report import Report
from backend_lambda.rewrite.urlmap import absolutise, app_path_of, map_absolute, map_url

_HAS_HOST = re.compile(r"[\x00-\x20]*+(?:[A-Za-z][A-Za-z0-9+.-]*+:|[/\\]{2})")


@dataclass(frozen=True, slots=True)
class Loader:
    """The runtime that pages get (layer L2), see `runtime/`.

    source: its path, e.g. `/shop/__hw/rt-0123456789abcdef.js`
    config: JSON text for its attribute `data-hw`
    nonce: what the page's Content-Security-Policy demands of scripts, or None (RH12)
    integrity: its digest, e.g. `sha256-…`, for policies that allow scripts by their digest (RH13), or None
    insert: `always` for navigations; `document`: only where doctype, `<html` or `<head` show a whole page (H28)
    import_map: whether an import map may be inserted too; an inline script, which a policy may forbid (RH13)
    """

    source: str
    config: str
    nonce: str | None = None
    integrity: str | None = None
    insert: Literal["always", "document"] = "document"
    import_map: bool = True


class Document:
    """The point of view from which the references of one body are mapped.

    path: the body's path in the app's view, e.g. `/a/b` (no query)
    strip: the page will be shown without the prefix (layer L5), so its relative references must not rely on its
        address (U7)
    loader: None where no runtime runs (mode `static`, style sheets, data)
    """

    __slots__ = ("_base", "_known", "_strip", "context", "loader", "path", "report")

    def __init__(
        self,
        context: RewriteContext,
        path: str = "/",
        *,
        report: Report | None = None,
        strip: bool = False,
        loader: Loader | None = None,
    ) -> None:
        self.context = context
        self.path = path
        self.report = Report() if report is None else report
        self.loader = loader
        self._base: str | None = path
        self._strip = strip
        self._known: dict[str, str] = {}

    @property
    def strips(self) -> bool:
        """Whether relative references are made absolute."""
        return self._strip

    def map(self, url: str) -> str:
        """The reference as the visitor's browser must see it; the same text if nothing has to change (U1-U10)."""
        known = self._known
        mapped = known.get(url)
        if mapped is None:
            if self._base is None:
                # Resolved against a base elsewhere, a path is none of ours; and ours must say whose they are.
                mapped = self.map_absolute(url) if _HAS_HOST.match(url) else url
            else:
                mapped = map_url(url, self.context, document_path=self._base)
            if self._strip and mapped == url and self._base is not None:
                mapped = absolutise(url, self.context, self._base)
            if len(known) < 4096:  # pages repeat their links; hostile ones must not fill the memory
                known[url] = mapped
        return mapped

    def map_absolute(self, url: str) -> str:
        """As `map`, for places that demand an absolute URL (H4)."""
        return map_absolute(url, self.context, document_path=self._base)

    def set_base(self, href: str) -> None:
        """The page has a `<base href>` (H5): relative references resolve against it from now on.

        href: as the app wrote it. The mapped base is an address below the prefix, right wherever the page is shown,
        so nothing has to be made absolute any more.
        """
        self._base = app_path_of(href, self.context, document_path=self.path)
        self._strip = False
        self._known.clear()
