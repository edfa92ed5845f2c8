"""One XML document on its way to the visitor: its references move below the prefix, every other byte is copied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.attributes import OTHER_ELEMENTS, Kind
from backend_lambda.rewrite.html.edits import Edits, Syntax
from backend_lambda.rewrite.html.entities import Decoded
from backend_lambda.rewrite.html.inject import Placement
from backend_lambda.rewrite.html.particular import is_css
from backend_lambda.rewrite.html.rewriter import rewrite_srcdoc
from backend_lambda.rewrite.html.script_data import Change, change_of
from backend_lambda.rewrite.html.style_text import StyleText
from backend_lambda.rewrite.html.values import replaced
from backend_lambda.rewrite.xml.grammar import ATTRIBUTE, DATA, ELEMENTS, LONGEST_TOKEN, kinds_in
from backend_lambda.rewrite.xml.namespaces import XHTML, Namespaces
from backend_lambda.rewrite.xml.tokenizer import XmlTokenizer

_QUOTES = ("", "", '<"', "<'")  # by the group of ATTRIBUTE that holds the value
_PARTICULAR = frozenset({"base", "link", "meta", "param", "script", "style"})
_NOTHING: dict[str, str] = {}
_INERT = frozenset({"noscript", "template"})
_DEEPEST = 5000  # elements inside each other; browsers give up there, too


class XmlRewriter(XmlTokenizer):
    """Incremental: holds back at most one unfinished token. What is not well-formed passes from there on.

    kind: in `xml` only `<?xml-stylesheet?>` counts unless its root shows another vocabulary (D4); `xhtml` gets the
        runtime if there is one
    """

    def __init__(self, document: Document, kind: Literal["xhtml", "svg", "xml"]) -> None:
        super().__init__()
        self._document = document
        self._kind = kind
        self._namespaces = Namespaces()
        self._edits = Edits(document, Syntax(ATTRIBUTE, _QUOTES, self._namespaces.attribute), rewrite_srcdoc)
        self._placement: Placement | None = None
        self._is_prolog = True
        self._is_style = False  # inside a `<style>` that holds CSS
        self._css: CssRewriter | StyleText | None = None  # the text of it that is passing
        self._change: Change | None = None  # of the data inside a `<script>`
        self._held = ""
        self._enough = 0  # how much must have come before another look at an unfinished token is worth it

    @property
    def pending(self) -> str:
        """Input received and not yet given out."""
        return ("" if self._css is None else self._css.pending) + self._held

    def feed(self, text: str) -> str:
        """What can go out now."""
        self._held += text
        return "" if len(self._held) < self._enough else self._run(at_end=False)

    def close(self) -> str:
        """The rest."""
        return self._run(at_end=True)

    def _run(self, *, at_end: bool) -> str:
        text = self._held
        self._edits.begin()
        kept = self.tokenize(text, at_end=at_end)
        if at_end:
            self._end_style(text, kept)
        out = self._edits.finish(text, kept)
        self._held = text[kept:]
        # Looking again at every byte that a slow sender adds to a long token would take quadratic time.
        self._enough = min(len(self._held) * 9 // 8, LONGEST_TOKEN + 1) if len(self._held) > 1024 else 0
        return out

    # What the tokeniser tells.

    def start_tag(self, text: str, match: re.Match[str], *, is_empty: bool) -> None:
        """Edit its attributes, and see what content follows."""
        start, end = match.span("attributes")
        prefix, _, name = match["name"].rpartition(":")
        attributes = _NOTHING
        declares = text.find("xmlns", start, end) >= 0
        if declares or name in _PARTICULAR or self._placement is not None:
            attributes, _ = self._edits.read(text, start, end)
        self._begin(text, match.start(), prefix, name, attributes, declares=declares)
        if self.mode == "passing":
            return
        if self._namespaces.is_shown(prefix):
            kinds: Mapping[str, Kind] | None
            if name in _PARTICULAR:
                kinds = self._edits.kinds(name, attributes, ELEMENTS.get(name, OTHER_ELEMENTS))
            else:
                kinds = kinds_in(name, text, start, end)
            if kinds is not None:
                self._edits.edit(text, start, end, kinds)
            if name == "base":
                self._edits.set_base(attributes)
            elif name == "style":
                self._is_style = not is_empty and is_css(attributes)
            elif name == "script" and not is_empty:
                self._change = change_of(attributes, self._edits, self._placement)
                self.waits = self._change is not None
        if is_empty:
            if self._placement is not None and name in _INERT:
                self._placement.before_end(name)
            self._close()

    def end_tag(self, text: str, start: int, name: str) -> None:
        """The last place for what is still to be inserted may be before it."""
        if self._is_style:
            self._end_style(text, start)
        if self._placement is not None:
            self._insert(text, start, self._placement.before_end(name.rpartition(":")[2]))
        self._close()

    def long_tag(self, text: str, start: int, name: str) -> None:
        """It passes, but it counts."""
        self._document.report.note("long tag")
        prefix, _, local = name.rpartition(":")
        self._begin(text, start, prefix, local, {}, declares=False)

    def long_tag_closes(self) -> None:
        """An empty element after all."""
        self._close()

    def characters(self, text: str, start: int, end: int, *, is_section: bool) -> None:
        """Perhaps a style sheet."""
        if self._is_style:
            if self._css is None:
                self._css = CssRewriter(self._document) if is_section else StyleText(self._document)
            self._edits.replace(text, start, end, self._css.feed(text[start:end]))

    def markup(self, text: str, at: int) -> None:
        """No token of CSS goes on behind it."""
        if self._css is not None:
            self._edits.replace(text, at, at, self._css.close())
            self._css = None

    def instruction(self, text: str, start: int, end: int, target: str) -> None:
        """Only a style sheet for the whole document is of interest (H26, D4)."""
        if target != "xml-stylesheet" or not self._is_prolog:
            return
        for match in ATTRIBUTE.finditer(text, start, end):
            if match[1] == "href":
                group = match.lastindex or 1
                new = replaced(match[group], self._document.map, _QUOTES[group])
                if new is not None:
                    self._edits.replace(text, *match.span(group), new)
                    self._document.report.count("url")
                break

    def content(self, text: str, at: int, *, at_end: bool) -> int:
        """Data inside a `<script>` is waited for."""
        change = self._change
        match = DATA.match(text, at, at + LONGEST_TOKEN + 1)
        if match is None and not at_end and len(text) - at <= LONGEST_TOKEN:
            return -1
        self._change, self.waits = None, False
        if match is None or change is None:
            self._document.report.note("long script data")
            return at
        section, written = match.groups()
        new = change(section if section is not None else Decoded(written).value)
        if new is not None:
            # Outside of strings JSON has none of these.
            new = new.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
            self._edits.replace(text, *match.span(1 if section is not None else 2), new)
        self._look_closely()
        return match.end() - len("</")

    def give_up(self, text: str, at: int, reason: str) -> None:
        """Nothing is changed any more."""
        super().give_up(text, at, reason)
        self._document.report.note(reason)
        self._end_style(text, at)
        self._placement = None

    # Elements.

    def _begin(self, text: str, at: int, prefix: str, name: str, attributes: dict[str, str], *, declares: bool) -> None:
        """An element begins: what is inserted before it, and where its names come from."""
        is_root, self._is_prolog = self._is_prolog, False
        if self._is_style:
            self._end_style(text, at)
        self._namespaces.start(_declared(attributes) if declares else _NOTHING)
        if self._namespaces.depth > _DEEPEST:
            self.give_up(text, at, "deep")
        elif is_root and self._kind == "xml":
            # Browsers go by the namespace: this may be XHTML or SVG after all.
            if not self._namespaces.shows(prefix):
                self.mode = "passing"
        elif is_root:
            loader = self._document.loader
            if self._kind == "xhtml" and name == "html" and loader is not None and self._namespaces.is_shown(prefix):
                # Before the root nothing may be inserted, whatever its attributes execute.
                self._placement = Placement(self._document, loader, namespace=XHTML)
                self._placement.before_start(name, {}, 0)
        elif self._placement is not None:
            self._insert(text, at, self._placement.before_start(name, attributes, 0))

    def _close(self) -> None:
        self._namespaces.end()
        if self._namespaces.depth == 0:
            self._placement = None

    def _end_style(self, text: str, at: int) -> None:
        self._is_style = False
        self.markup(text, at)

    def _insert(self, text: str, at: int, new: str) -> None:
        if new:
            self._edits.replace(text, at, at, new)
        self._look_closely()

    def _look_closely(self) -> None:
        if self._placement is not None and self._placement.done:
            self._placement = None


def _declared(attributes: dict[str, str]) -> dict[str, str]:
    """Prefix, "" for none → namespace."""
    return {
        name[len("xmlns") :].removeprefix(":"): value
        for name, value in attributes.items()
        if name == "xmlns" or name.startswith("xmlns:")
    }
