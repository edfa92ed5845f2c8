"""One page on its way to the visitor: its references move below the prefix, every other byte is copied (H1-H30)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.embedded_urls import map_refresh
from backend_lambda.rewrite.html.attributes import OTHER_ELEMENTS, TABLES, Kind
from backend_lambda.rewrite.html.entities import Decoded
from backend_lambda.rewrite.html.foreign import ForeignContent
from backend_lambda.rewrite.html.import_maps import map_import_map
from backend_lambda.rewrite.html.inject import Placement
from backend_lambda.rewrite.html.particular import (
    PARTICULAR,
    RAW_TEXT,
    Extra,
    is_css,
    is_url_parameter,
    loads_style,
    meta_content,
    script_data,
)
from backend_lambda.rewrite.html.speculation import map_speculation_rules
from backend_lambda.rewrite.html.tokenizer import ATTRIBUTE, LONGEST_TOKEN, Tokenizer
from backend_lambda.rewrite.html.values import Values, replaced
from backend_lambda.rewrite.urlmap import app_path_of

_BLANK = " \t\n\f\r"
_STYLED = re.compile(r"style[\t\n\f\r =]", re.IGNORECASE | re.ASCII)
_QUOTES = ("", "", '"', "'", "")  # by the group of ATTRIBUTE that holds the value
_NO_BASE = ("#", "{{", "{%", "${", "<%", "[[")  # leaves the base where it is, or leaves it to a script
_DEEPEST_SRCDOC = 4
_COUNTED_AS = {
    "urls": "url",
    "url-list": "url",
    "paint": "style",
    "absolute": "meta",
    "absolute-only": "meta",
    "removed": "integrity",
}


class HtmlRewriter(Tokenizer):
    """Incremental: holds back at most one unfinished tag. `rewrite` does all at once.

    parent: the rewriter of the page that holds this text in a `srcdoc`
    """

    def __init__(self, document: Document, *, parent: HtmlRewriter | None = None) -> None:
        super().__init__()
        self._document = document
        self._report = document.report
        self._values = Values(document)
        self._foreign = ForeignContent()
        self._placement = None if document.loader is None else Placement(document, document.loader)
        self._depth: int = 0 if parent is None else parent._depth + 1
        # Path of the page's base URL in the app's view, None if that is elsewhere; and what its `<base>` said.
        self._base: str | None = document.path if parent is None else parent._base
        self._base_href: str | None = None
        self._css: CssRewriter | None = None
        self._data_of_script: Callable[[str], str | None] | None = None
        self._out: list[str] = []
        self._copied = 0
        self._offset = 0  # of the text at hand in the page
        self._held = [""]
        self._held_size = 0
        self._held_css = ""
        self._enough = 0  # how much must have come before another look at an unfinished tag is worth it
        self.every = self._placement is not None

    @property
    def pending(self) -> str:
        """Input received and not yet given out."""
        return self._held_css + "".join(self._held)

    def feed(self, text: str) -> str:
        """What can go out now."""
        if self._held_size + len(text) < self._enough:
            self._held.append(text)
            self._held_size += len(text)
            return ""
        return self._run("".join((*self._held, text)), at_end=False)

    def close(self) -> str:
        """The rest."""
        return self._run("".join(self._held), at_end=True)

    def rewrite(self, text: str) -> str:
        """A whole page."""
        return self.feed(text) + self.close()

    # What the tokeniser tells.

    def start_tag(self, text: str, match: re.Match[str]) -> None:
        """Edit its attributes, and see what content follows."""
        name = match["name"]
        table = TABLES.get(name)
        if table is None:
            name = name.lower()
            table = TABLES.get(name, OTHER_ELEMENTS)
        start, end = match.span("attributes")
        if name in PARTICULAR or self.every:
            self._particular(text, match.start(), start, end, name, table)
        elif start < end and (table is not OTHER_ELEMENTS or _STYLED.search(text, start, end)):
            self._edit(text, start, end, table)

    def end_tag(self, text: str, match: re.Match[str]) -> None:
        """Told while something is to be inserted, and inside SVG and MathML."""
        self._end(text, match.start(), match["end_name"].lower())

    def long_tag(self, text: str, start: int, name: str, *, is_end: bool) -> None:
        """It passes, but it counts."""
        if is_end:
            self._end(text, start, name)
        else:
            self._report.note("long tag")
            self._begin(text, start, name, {}, self_closing=False)

    def cut_short(self, text: str, start: int) -> None:
        """Whatever is appended to it would become part of it."""
        if self._placement is not None:
            self._insert(text, start, self._placement.at_end())

    def characters(self, text: str, start: int, end: int) -> None:
        """Perhaps the first content of the page, or a style sheet inside SVG."""
        if self._css is not None:
            self._replace(text, start, end, self._css.feed(text[start:end]))
        elif self._placement is not None:
            at, inserted = self._placement.before_text(text[start:end], self._offset + start)
            self._insert(text, start + at, inserted)

    def comment(self, text: str, start: int, end: int) -> None:
        """Nothing in a comment counts (H17, H20)."""
        if self._css is not None:
            self._end_style(text, start)

    def declaration(self, text: str, start: int, end: int) -> None:
        """`<!doctype` is what makes it a page."""
        if self._placement is not None:
            self._placement.before_declaration(text[start : start + 9])

    def raw_text(self, text: str, start: int, end: int, *, complete: bool) -> int:
        """Style sheets stream; data of scripts is waited for."""
        if self._css is not None:
            self._replace(text, start, end, self._css.feed(text[start:end]))
            if complete:
                self._end_style(text, end)
        elif self._data_of_script is not None:
            if end - start > LONGEST_TOKEN:
                self._report.note("long script data")
            elif not complete:
                return start
            else:
                new = self._data_of_script(text[start:end])
                if new is not None:
                    self._replace(text, start, end, new)
            self._data_of_script = None
        return end

    def is_foreign(self) -> bool:
        """Inside SVG or MathML."""
        return self._foreign.is_current

    # Output.

    def _run(self, text: str, *, at_end: bool) -> str:
        self._out = []
        self._copied = 0
        kept = self.tokenize(text, at_end=at_end)
        if at_end:
            self._end_style(text, kept)
            if self._placement is not None and self.mode == "data":
                self._insert(text, kept, self._placement.at_end())
        self._out.append(text[self._copied : kept])
        self._offset += kept
        self._held_css = "" if self._css is None else self._css.pending
        self._held = [text[kept:]]
        self._held_size = len(text) - kept
        # Looking again at every byte that a slow sender adds to a long tag would take quadratic time.
        self._enough = self._held_size * 9 // 8 if self._held_size > 1024 else 0
        return "".join(self._out)

    def _replace(self, text: str, start: int, end: int, new: str) -> None:
        self._out += (text[self._copied : start], new)
        self._copied = end

    def _insert(self, text: str, at: int, new: str) -> None:
        """At the wish of the placement, which may have no others now."""
        if new:
            self._replace(text, at, at, new)
        self._look_closely()

    def _look_closely(self) -> None:
        if self._placement is not None and self._placement.done:
            self._placement = None
        self.every = self._placement is not None or bool(self._foreign)

    # Elements.

    def _particular(self, text: str, at: int, start: int, end: int, name: str, table: Mapping[str, Kind]) -> None:
        attributes, self_closing = _read(text, start, end)
        self._begin(text, at, name, attributes, self_closing=self_closing)
        extra: dict[str, Kind | Extra] = {}
        if name == "meta":
            content = meta_content(attributes)
            if content is not None:
                extra["content"] = content
        elif name == "link":
            if loads_style(attributes) and "href" in attributes and self._is_own(attributes["href"]):
                extra["integrity"] = "removed"
        elif name == "iframe":
            extra["srcdoc"] = "srcdoc"
        elif name == "param" and is_url_parameter(attributes):
            extra["value"] = "url"
        if start < end:
            self._edit(text, start, end, {**table, **extra} if extra else table)
        if name == "base" and self._base_href is None and "href" in attributes:
            self._set_base(attributes["href"])

    def _begin(self, text: str, at: int, name: str, attributes: dict[str, str], *, self_closing: bool) -> None:
        """An element begins: what is inserted before it, and how its content is to be read."""
        self._end_style(text, at)
        if self._placement is not None:
            self._insert(text, at, self._placement.before_start(name, attributes, self._offset + at))
        if self._foreign or name in ("svg", "math"):
            is_foreign = self._foreign.start(name, attributes.get("encoding"), self_closing=self_closing)
            self._look_closely()
            if is_foreign:
                if name == "style" and not self_closing and is_css(attributes):
                    self._css = CssRewriter(self._document)
                return
        if name == "script":
            self.mode = "script"
            self.raw_name = name
            self._data_of_script = self._reader_of(attributes)
        elif name in RAW_TEXT:
            self.mode = "raw"
            self.raw_name = name
            if name == "style" and is_css(attributes):
                self._css = CssRewriter(self._document)
        elif name == "plaintext":
            self.mode = "plaintext"

    def _end(self, text: str, at: int, name: str) -> None:
        self._end_style(text, at)
        if self._placement is not None:
            self._insert(text, at, self._placement.before_end(name))
        if self._foreign:
            self._foreign.end(name)
            self._look_closely()

    def _end_style(self, text: str, at: int) -> None:
        if self._css is not None:
            self._replace(text, at, at, self._css.close())
            self._css = None

    def _set_base(self, href: str) -> None:
        """Only the first `<base href>` counts (H5)."""
        self._base_href = href
        if href.strip(_BLANK) and not href.strip(_BLANK).startswith(_NO_BASE):
            self._document.set_base(href)
            self._base = app_path_of(href, self._document.context, document_path=self._document.path)
            self._values.forget()

    def _is_own(self, url: str) -> bool:
        """Whether it leads to the app."""
        if self._base is not None:
            return app_path_of(url, self._document.context, document_path=self._base) is not None
        # Relative references lead elsewhere, the others map to a path of ours.
        return self._document.map(url).startswith(self._document.context.prefix + "/")

    # Values.

    def _edit(self, text: str, start: int, end: int, kinds: Mapping[str, Kind | Extra]) -> None:
        seen: list[str] = []
        for match in ATTRIBUTE.finditer(text, start, end):
            name = match[1].lower()
            kind = kinds.get(name)
            if kind is None:
                continue
            if kind == "removed":  # all of them: without the first the second one counts
                self._replace(text, match.start(), match.end(), "")
                self._report.count("integrity")
                continue
            group = match.lastindex or 1
            if name in seen:
                continue
            seen.append(name)
            if group == 1:
                continue
            raw = match[group]
            new = self._values.url(raw) if kind == "url" else self._new_value(kind, raw, _QUOTES[group])
            if new is not None:
                self._replace(text, match.start(group), match.end(group), new)
                self._report.count(_COUNTED_AS.get(kind, kind))

    def _new_value(self, kind: Kind | Extra, raw: str, quote: str) -> str | None:
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
                return replaced(raw, lambda value: map_refresh(value, self._document.map), quote)
            case "policy":
                return values.policy(raw, quote)
            case "srcdoc":
                return replaced(raw, self._srcdoc, quote) if self._depth < _DEEPEST_SRCDOC else None
        return None

    def _srcdoc(self, markup: str) -> str:
        """A page of its own with the base URL of this one (H15)."""
        document = self._document
        loader = None if document.loader is None else replace(document.loader, insert="always")
        nested = Document(document.context, document.path, report=document.report, strip=document.strips, loader=loader)
        if self._base != document.path and self._base_href is not None:
            nested.set_base(self._base_href)
        return HtmlRewriter(nested, parent=self).rewrite(markup)

    def _reader_of(self, attributes: dict[str, str]) -> Callable[[str], str | None] | None:
        kind = script_data(attributes)
        if kind == "importmap":
            # A policy that forbids our inline script may know the app's by its hash.
            loader = self._document.loader
            return None if loader is not None and not loader.import_map else self._import_map
        return self._speculation_rules if kind == "speculationrules" else None

    def _import_map(self, text: str) -> str | None:
        placement = self._placement
        merge = placement is not None and placement.wants_map
        new = map_import_map(text, self._document.context, self._document.map, self._base, merge=merge)
        if new is None:
            self._report.note("import map")
            return None
        if placement is not None and merge:
            placement.map_placed()
            self._look_closely()
        return self._counted("import-map", text, new)

    def _speculation_rules(self, text: str) -> str | None:
        new = map_speculation_rules(text, self._document.map)
        return None if new is None else self._counted("speculation-rules", text, new)

    def _counted(self, kind: str, old: str, new: str) -> str | None:
        if new == old:
            return None
        self._report.count(kind)
        return new


def _read(text: str, start: int, end: int) -> tuple[dict[str, str], bool]:
    """(lower-case name → decoded value of a tag's attributes, whether the tag closes itself)."""
    attributes: dict[str, str] = {}
    at = start
    for match in ATTRIBUTE.finditer(text, start, end):
        name = match[1].lower()
        at = match.end()
        if name not in attributes:
            group = match.lastindex or 1
            raw = "" if group == 1 else match[group]
            attributes[name] = Decoded(raw).value if "&" in raw else raw
    return attributes, at < end and text[end - 1] == "/"
