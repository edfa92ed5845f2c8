"""One page on its way to the visitor: its references move below the prefix, every other byte is copied (H1-H30)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.attributes import OTHER_ELEMENTS, PAINTED, TABLES, Kind
from backend_lambda.rewrite.html.edits import Edits, Syntax
from backend_lambda.rewrite.html.foreign import ROOTS, ForeignContent
from backend_lambda.rewrite.html.grammar import ATTRIBUTE, LONGEST_TOKEN
from backend_lambda.rewrite.html.inject import Placement
from backend_lambda.rewrite.html.particular import PARTICULAR, RAW_TEXT, is_css
from backend_lambda.rewrite.html.script_data import Change, change_of
from backend_lambda.rewrite.html.style_text import StyleText
from backend_lambda.rewrite.html.tokenizer import Tokenizer

_STYLED = re.compile(r"style[\t\n\f\r =]", re.IGNORECASE | re.ASCII)
_IN_CSS = re.compile("[(&]")
_SYNTAX = Syntax(ATTRIBUTE, quotes=("", "", '"', "'", ""), fold=str.lower)


class HtmlRewriter(Tokenizer):
    """Incremental: holds back at most one unfinished tag. `rewrite` does all at once.

    parent: the edits of the page that holds this text in a `srcdoc`
    """

    def __init__(self, document: Document, *, parent: Edits | None = None) -> None:
        super().__init__()
        self._document = document
        self._report = document.report
        self._edits = Edits(document, _SYNTAX, rewrite_srcdoc, parent)
        self._foreign = ForeignContent()
        self._placement = None if document.loader is None else Placement(document, document.loader)
        self._is_style = False  # inside a `<style>` that holds CSS
        self._css: CssRewriter | StyleText | None = None  # the text of it that is passing
        self._change: Change | None = None
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
        name = match[1]
        table = TABLES.get(name)
        if table is None:
            name = name.lower()
            table = TABLES.get(name, OTHER_ELEMENTS)
        start, end = match.span(2)
        if name in PARTICULAR or self._placement is not None:
            self._particular(text, match.start(), start, end, name, table)
            return
        if self._foreign or name in ROOTS:
            self._begin_foreign(text, match.start(), start, end, name)
            if name in PAINTED and not _IN_CSS.search(text, start, end):
                return
        if start < end and (table is not OTHER_ELEMENTS or _STYLED.search(text, start, end)):
            self._edits.edit(text, start, end, table)

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
        """Whatever is appended to it would become part of it; in front of an end tag may be raw text."""
        if text.startswith("</", start):
            self._placement = None
        elif self._placement is not None:
            self._insert(text, start, self._placement.at_end())

    def characters(self, text: str, start: int, end: int) -> None:
        """Perhaps the first content of the page, or a style sheet inside SVG."""
        if self._is_style:
            if self._css is None:
                self._css = CssRewriter(self._document) if self.mode == "cdata" else StyleText(self._document)
            self._edits.replace(text, start, end, self._css.feed(text[start:end]))
        elif self._placement is not None:
            at, inserted = self._placement.before_text(text[start:end], self._offset + start)
            self._insert(text, start + at, inserted)

    def comment(self, text: str, start: int, end: int) -> None:
        """Nothing in a comment counts (H17, H20)."""
        self._pause_style(text, start)

    def section(self, text: str, at: int) -> None:
        """Its text is text, whatever it looks like (H17)."""
        self._pause_style(text, at)

    def declaration(self, text: str, start: int, end: int) -> None:
        """`<!doctype` is what makes it a page."""
        self._pause_style(text, start)
        if self._placement is not None:
            self._placement.before_declaration(text[start : start + 9])

    def raw_text(self, text: str, start: int, end: int, *, complete: bool) -> int:
        """Style sheets stream; data of scripts is waited for."""
        if self._css is not None:
            self._edits.replace(text, start, end, self._css.feed(text[start:end]))
            if complete:
                self._end_style(text, end)
        elif self._change is not None:
            if end - start > LONGEST_TOKEN:
                self._report.note("long script data")
            elif not complete:
                return start
            else:
                new = self._change(text[start:end])
                if new is not None:
                    self._edits.replace(text, start, end, new)
                self._look_closely()
            self._change = None
        return end

    def is_foreign(self) -> bool:
        """Inside SVG or MathML."""
        return self._foreign.is_current

    # Output.

    def _run(self, text: str, *, at_end: bool) -> str:
        self._edits.begin()
        kept = self.tokenize(text, at_end=at_end)
        if at_end:
            self._end_style(text, kept)
            if self._placement is not None and self.mode == "data":
                self._insert(text, kept, self._placement.at_end())
        out = self._edits.finish(text, kept)
        self._offset += kept
        self._held_css = "" if self._css is None else self._css.pending
        self._held = [text[kept:]]
        self._held_size = len(text) - kept
        # Looking again at every byte that a slow sender adds to a long tag would take quadratic time.
        self._enough = min(self._held_size * 9 // 8, LONGEST_TOKEN + 1) if self._held_size > 1024 else 0
        return out

    def _insert(self, text: str, at: int, new: str) -> None:
        """At the wish of the placement, which may have no others now."""
        if new:
            self._edits.replace(text, at, at, new)
        self._look_closely()

    def _look_closely(self) -> None:
        if self._placement is not None and self._placement.done:
            self._placement = None
        self.every = self._placement is not None or bool(self._foreign)

    # Elements.

    def _particular(self, text: str, at: int, start: int, end: int, name: str, table: Mapping[str, Kind]) -> None:
        attributes, read = self._edits.read(text, start, end)
        self._begin(text, at, name, attributes, self_closing=read < end and text[end - 1] == "/")
        if attributes:
            self._edits.edit(text, start, end, self._edits.kinds(name, attributes, table))
            if name == "base":
                self._edits.set_base(attributes)

    def _begin_foreign(self, text: str, at: int, start: int, end: int, name: str) -> None:
        """As `_particular`, but most attributes of SVG are of no interest."""
        attributes: dict[str, str] = {}
        self_closing = start < end and text[end - 1] == "/"
        if self_closing or name == "annotation-xml":
            attributes, read = self._edits.read(text, start, end)
            self_closing = self_closing and read < end
        self._begin(text, at, name, attributes, self_closing=self_closing)

    def _begin(self, text: str, at: int, name: str, attributes: dict[str, str], *, self_closing: bool) -> None:
        """An element begins: what is inserted before it, and how its content is to be read."""
        self._end_style(text, at)
        if self._placement is not None:
            self._insert(text, at, self._placement.before_start(name, attributes, self._offset + at))
        if self._foreign or name in ROOTS:
            is_foreign = self._foreign.start(name, attributes.get("encoding"), self_closing=self_closing)
            self._look_closely()
            if is_foreign:
                self._is_style = name == "style" and not self_closing and is_css(attributes)
                return
        if name == "script":
            self.mode = "script"
            self.raw_name = name
            self._change = change_of(attributes, self._edits, self._placement)
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
        self._is_style = False
        self._pause_style(text, at)

    def _pause_style(self, text: str, at: int) -> None:
        """No text until further notice: no token of CSS goes on behind a comment."""
        if self._css is not None:
            self._edits.replace(text, at, at, self._css.close())
            self._css = None


def rewrite_srcdoc(document: Document, parent: Edits, markup: str) -> str:
    return HtmlRewriter(document, parent=parent).rewrite(markup)
