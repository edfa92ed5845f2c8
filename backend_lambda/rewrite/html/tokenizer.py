"""Cuts HTML into tokens as browsers do (HTML LS, 13.2.5), in pieces.

Nothing is decoded or copied here: whoever derives from `Tokenizer` is told where tokens stand.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_lambda.rewrite.html.grammar import (
    BOGUS_END,
    CDATA_END,
    CDATA_TAIL,
    COMMENT_END,
    COMMENT_TAIL,
    EVERY_TOKEN,
    LONGEST_TOKEN,
    NEXT_SCRIPT_STATE,
    SCRIPT_STATES,
    SCRIPT_TAIL,
    START_TAGS,
    TAG_NAME,
    end_of,
)
from backend_lambda.rewrite.html.long_tag import LongTag

Mode = Literal["data", "comment", "bogus", "cdata", "raw", "script", "plaintext", "tag"]


class Tokenizer:
    """Derive from it and override `start_tag` and what else is of interest. All indexes are those of `text`.

    every: whether text, end tags, comments and declarations are told, too; that is slower
    mode: may be set by `start_tag`; `raw` and `script` end with `raw_name`
    """

    def __init__(self) -> None:
        self.every = True
        self.mode: Mode = "data"
        self.raw_name = ""
        self._script_state = 0
        self._long_tag = LongTag()
        self._mode_after_tag: Mode = "data"

    def start_tag(self, text: str, match: re.Match[str]) -> None:
        """A complete tag, with the groups `name`, `attributes` and `start` (empty, at its end)."""

    def end_tag(self, text: str, match: re.Match[str]) -> None:
        """A complete tag, with the groups `end_name` and `end_attributes`."""

    def long_tag(self, text: str, start: int, name: str, *, is_end: bool) -> None:
        """A tag too long to be held back begins; it passes untouched. A mode set here is that of its content."""

    def cut_short(self, text: str, start: int) -> None:
        """The end is inside a tag; browsers drop that."""

    def characters(self, text: str, start: int, end: int) -> None:
        """Text, perhaps not all of it."""

    def comment(self, text: str, start: int, end: int) -> None:
        """A comment, or the next part of a long one."""

    def declaration(self, text: str, start: int, end: int) -> None:
        """`<!doctype …>` or what counts as a comment: `<?…>`, `<!…>`, `</ …>`."""

    def section(self, text: str, at: int) -> None:
        """A CDATA section begins or ends there; what it holds comes as characters."""

    def raw_text(self, text: str, start: int, end: int, *, complete: bool) -> int:
        """The next text inside a raw text element; `start` asks for it again with more, `end` is done with it."""
        return end

    def is_foreign(self) -> bool:
        """Whether the current element is one of SVG or MathML, where CDATA sections exist."""
        return False

    def tokenize(self, text: str, *, at_end: bool) -> int:
        """Tell what is in `text`; returns the index from which on it must be given again, with more."""
        at = 0
        while True:
            mode = self.mode
            if mode == "data":
                at = self._data(text, at, at_end=at_end)
            elif mode == "script":
                at = self._script(text, at, at_end=at_end)
            elif mode == "raw":
                at = self._raw(text, at, at_end=at_end)
            elif mode == "comment":
                at = self._until(COMMENT_END, COMMENT_TAIL, text, at, at_end=at_end)
            elif mode == "cdata":
                at = self._until(CDATA_END, CDATA_TAIL, text, at, at_end=at_end)
            elif mode == "bogus":
                at = self._until(BOGUS_END, None, text, at, at_end=at_end)
            elif mode == "tag":
                end = self._long_tag.end_in(text, at)
                at = len(text) if end < 0 else end
                self.mode = mode if end < 0 else self._mode_after_tag
            else:
                at = self.raw_text(text, at, len(text), complete=at_end)
            if self.mode == mode:
                return at

    def _data(self, text: str, at: int, *, at_end: bool) -> int:
        """Until the mode changes or no complete token is left."""
        while self.mode == "data":
            every = self.every
            if not every:
                done, at = self._start_tags(text, at, at_end=at_end)
                if done:
                    return at
                continue
            for match in EVERY_TOKEN.finditer(text, at):
                start = match.start()
                if at < start:
                    self.characters(text, at, start)
                    at = start
                    if not self.every:
                        break
                if match.lastgroup == "start":
                    at = match.end()
                    self._start_tag(text, match)
                else:
                    at = self._other(text, match, at_end=at_end)
                    if at < 0:
                        return start
                if self.mode != "data" or not self.every or at != match.end():
                    break
            else:
                if at < len(text):
                    self.characters(text, at, len(text))
                return len(text)
        return at

    def _start_tags(self, text: str, at: int, *, at_end: bool) -> tuple[bool, int]:
        """Nearly all of nearly all pages: nothing but start tags is of interest. (whether all is done, up to where)"""
        for match in START_TAGS.finditer(text, at):
            if match.lastgroup == "start":
                # As in `_start_tag`, which would cost a call.
                if match.end(2) - match.start() < LONGEST_TOKEN:
                    self.start_tag(text, match)
                else:
                    self.long_tag(text, match.start(), match[1].lower(), is_end=False)
                if self.mode != "data" or self.every:
                    return False, match.end("start")
            else:
                at = self._other(text, match, at_end=at_end)
                if at < 0:
                    return True, match.start()
                if self.mode != "data" or self.every or at != match.end():
                    return False, at
        return True, len(text)

    def _start_tag(self, text: str, match: re.Match[str]) -> None:
        if match.end(2) - match.start() < LONGEST_TOKEN:
            self.start_tag(text, match)
        else:
            self.long_tag(text, match.start(), match[1].lower(), is_end=False)

    def _other(self, text: str, match: re.Match[str], *, at_end: bool) -> int:
        """What is no complete start tag. Returns where it ends, or -1 if more of it must come first."""
        start, end = match.span()
        match match.lastgroup:
            case "end":
                if end - start > LONGEST_TOKEN:
                    self.long_tag(text, start, match["end_name"].lower(), is_end=True)
                elif self.every:
                    self.end_tag(text, match)
            case "comment":
                self.comment(text, start, end)
            case "bogus":
                self.declaration(text, start, end)
            case "cdata" if self.is_foreign():
                self.section(text, start)
                self.mode = "cdata"
            case "cdata":
                end = text.find(">", end) + 1
                if not end:
                    return self._unfinished(text, start, "bogus", len("<!"), at_end=at_end)
                self.declaration(text, start, end)
            case "open_comment":
                if not at_end and len(text) - start <= len("<!---"):
                    return -1  # perhaps `<!-->` or `<!--->`
                self.mode = "comment"
                end = start + len("<!--")
                self.comment(text, start, end)
            case "open_bogus":
                return self._unfinished(text, start, "bogus", len("<!"), at_end=at_end)
            case "open_start":
                return self._unfinished(text, start, "tag", len("<"), at_end=at_end)
            case "open_end":
                return self._unfinished(text, start, "tag", len("</"), at_end=at_end)
            case _:
                if not at_end:
                    return -1
                self.characters(text, start, end)
        return end

    def _unfinished(self, text: str, start: int, mode: Mode, skip: int, *, at_end: bool) -> int:
        """Wait for the rest of a tag or declaration unless it is too long already, or no more comes."""
        if len(text) - start <= LONGEST_TOKEN and not at_end:
            return -1
        if mode == "bogus":
            self.declaration(text, start, len(text))
        elif len(text) - start > LONGEST_TOKEN:
            name = TAG_NAME.match(text, start + skip)
            self.long_tag(text, start, name[0].lower() if name else "", is_end=skip > 1)
            self._mode_after_tag = self.mode
            self._long_tag = LongTag()
        else:
            self.cut_short(text, start)
            return len(text)
        self.mode = mode
        return start + skip

    def _until(self, ending: re.Pattern[str], tail: re.Pattern[str] | None, text: str, at: int, *, at_end: bool) -> int:
        match = ending.search(text, at)
        is_section = self.mode == "cdata"
        if match is not None:
            if is_section:
                if at < match.start():
                    self.characters(text, at, match.start())
                self.section(text, match.start())
            self.mode = "data"
            return match.end()
        end = len(text) if tail is None or at_end else _without(tail, text, at)
        if is_section and at < end:
            self.characters(text, at, end)
        return end

    def _raw(self, text: str, at: int, *, at_end: bool) -> int:
        match = end_of(self.raw_name).search(text, at)
        if match is not None:
            return self._leave(text, at, match.start())
        end = len(text)
        if not at_end:
            cut = text.rfind("<", max(at, end - len("</") - len(self.raw_name)))
            end = end if cut < 0 else cut
        return self.raw_text(text, at, end, complete=at_end) if at < end or at_end else at

    def _script(self, text: str, at: int, *, at_end: bool) -> int:
        state = self._script_state
        position = at
        while (match := SCRIPT_STATES[state].search(text, position)) is not None:
            kind = str(match.lastgroup)
            if kind == "leave":
                self._script_state = 0
                return self._leave(text, at, match.start())
            state = NEXT_SCRIPT_STATE[kind]
            position = match.end(kind)
        end = len(text) if at_end else _without(SCRIPT_TAIL, text, position)
        done = self.raw_text(text, at, end, complete=at_end) if at < end or at_end else at
        if done == end:
            self._script_state = state
        return done

    def _leave(self, text: str, start: int, end: int) -> int:
        self.raw_text(text, start, end, complete=True)
        self.mode = "data"
        return end


def _without(tail: re.Pattern[str], text: str, at: int) -> int:
    """Where the text ends without what may be the beginning of its end."""
    match = tail.search(text, max(at, len(text) - 8))
    return match.start() if match else len(text)
