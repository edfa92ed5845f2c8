"""What leaves a page: its text with edits in between, and what the values of its attributes become."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.embedded_urls import map_refresh
from backend_lambda.rewrite.html.attributes import Kind
from backend_lambda.rewrite.html.entities import Decoded
from backend_lambda.rewrite.html.particular import is_url_parameter, loads_style, meta_content
from backend_lambda.rewrite.html.values import Values, replaced
from backend_lambda.rewrite.urlmap import app_path_of

_BLANK = " \t\n\f\r"
_NO_BASE = ("#", "{{", "{%", "${", "<%", "[[")  # leaves the base where it is, or leaves it to a script
_DEEPEST_SRCDOC = 4
_COUNTED_AS: dict[Kind, str] = {
    "urls": "url",
    "url-list": "url",
    "paint": "style",
    "absolute": "meta",
    "absolute-only": "meta",
    "removed": "integrity",
}


@dataclass(frozen=True, slots=True)
class Syntax:
    """How tags are written.

    attribute: one attribute; group 1 is its name, its last group is its value unless that is group 1, too
    quotes: for each of these groups, what must be escaped in a value beside `&`, see `entities.escape`
    fold: from a name as written to the one in the tables
    """

    attribute: re.Pattern[str]
    quotes: tuple[str, ...]
    fold: Callable[[str], str]


class Edits:
    """One page's output: `begin`, edits in the order of the text, `finish`; and so on with its next piece.

    page: rewrites the text of a `srcdoc` as a page of its own
    parent: the edits of the page that holds this one in a `srcdoc`
    """

    def __init__(
        self,
        document: Document,
        syntax: Syntax,
        page: Callable[[Document, Edits, str], str],
        parent: Edits | None = None,
    ) -> None:
        self.document = document
        self.report = document.report
        self.syntax = syntax
        # Path of the page's base URL in the app's view, None if that is elsewhere; and what its `<base>` said.
        self.base: str | None = document.path if parent is None else parent.base
        self._base_href: str | None = None
        self._values = Values(document)
        self._page = page
        self._depth: int = 0 if parent is None else parent._depth + 1
        self._out: list[str] = []
        self._copied = 0
        self._urls = 0

    def begin(self) -> None:
        """A new text."""
        self._out = []
        self._copied = 0

    def replace(self, text: str, start: int, end: int, new: str) -> None:
        """`new` instead of what is there, behind all edits so far."""
        self._out += (text[self._copied : start], new)
        self._copied = end

    def finish(self, text: str, end: int) -> str:
        """The text up to there, with the edits."""
        if self._urls:
            self.report.count("url", self._urls)
            self._urls = 0
        self._out.append(text[self._copied : end])
        return "".join(self._out)

    def read(self, text: str, start: int, end: int) -> tuple[dict[str, str], int]:
        """(name → decoded value of a tag's attributes, where the last one ends)."""
        attributes: dict[str, str] = {}
        fold = self.syntax.fold
        at = start
        for match in self.syntax.attribute.finditer(text, start, end):
            name = fold(match[1])
            at = match.end()
            if name not in attributes:
                group = match.lastindex or 1
                raw = "" if group == 1 else match[group]
                attributes[name] = Decoded(raw).value if "&" in raw else raw
        return attributes, at

    def kinds(self, name: str, attributes: dict[str, str], kinds: Mapping[str, Kind]) -> Mapping[str, Kind]:
        """The element's table, as its other attributes have it."""
        if name == "meta":
            content = meta_content(attributes)
            return kinds if content is None else {**kinds, "content": content}
        if name == "link" and loads_style(attributes) and "href" in attributes and self._is_own(attributes["href"]):
            return {**kinds, "integrity": "removed"}
        if name == "param" and is_url_parameter(attributes):
            return {**kinds, "value": "url"}
        return kinds

    def edit(self, text: str, start: int, end: int, kinds: Mapping[str, Kind]) -> None:
        """Edit the attributes of one tag."""
        fold = self.syntax.fold
        seen: tuple[str, ...] = ()
        for match in self.syntax.attribute.finditer(text, start, end):
            name = fold(match[1])
            kind = kinds.get(name)
            if kind is None:
                continue
            if kind == "removed":  # all of them: without the first the second one counts
                self.replace(text, match.start(), match.end(), "")
                self.report.count("integrity")
                continue
            if name in seen:
                continue
            seen += (name,)
            group = match.lastindex or 1
            if group == 1:
                continue
            raw = match[group]
            if kind == "url":
                new = self._values.url(raw)
                if new is None:
                    continue
                self._urls += 1
            else:
                new = self._new_value(kind, raw, self.syntax.quotes[group])
                if new is None:
                    continue
                self.report.count(_COUNTED_AS.get(kind, kind))
            start, end = match.span(group)
            self._out += (text[self._copied : start], new)
            self._copied = end

    def set_base(self, attributes: dict[str, str]) -> None:
        """A `<base>` of the page; only the first one with a `href` counts (H5)."""
        href = attributes.get("href")
        if self._base_href is not None or href is None:
            return
        self._base_href = href
        if href.strip(_BLANK) and not href.strip(_BLANK).startswith(_NO_BASE):
            self.document.set_base(href)
            self.base = app_path_of(href, self.document.context, document_path=self.document.path)
            self._values.forget()

    def _is_own(self, url: str) -> bool:
        """Whether it leads to the app."""
        document = self.document
        if self.base is not None:
            return app_path_of(url, document.context, document_path=self.base) is not None
        # Relative references lead elsewhere; ours name the public address.
        return document.map(url).startswith(document.context.site.public_base + "/")

    def _new_value(self, kind: Kind, raw: str, quote: str) -> str | None:
        values = self._values
        match kind:
            case "srcset":
                return values.srcset(raw, quote)
            case "style" | "paint":
                return values.style(raw, quote)
            case "urls":
                return values.urls(raw, quote)
            case "url-list":
                return values.url_list(raw, quote)
            case "absolute":
                return values.absolute(raw, quote)
            case "absolute-only":
                return values.absolute_only(raw, quote)
            case "refresh":
                return replaced(raw, lambda value: map_refresh(value, self.document.map), quote)
            case "policy":
                return values.policy(raw, quote)
            case "srcdoc":
                return replaced(raw, self._srcdoc, quote) if self._depth < _DEEPEST_SRCDOC else None
        return None

    def _srcdoc(self, markup: str) -> str:
        """A page of its own with the base URL of this one (H15)."""
        document = self.document
        loader = None if document.loader is None else replace(document.loader, insert="always")
        nested = Document(document.context, document.path, report=document.report, strip=document.strips, loader=loader)
        if self.base != document.path and self._base_href is not None:
            nested.set_base(self._base_href)
        return self._page(nested, self, markup)
