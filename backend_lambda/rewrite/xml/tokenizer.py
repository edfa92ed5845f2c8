"""Cuts XML into tokens, in pieces (XML 1.0); the counterpart of `html.tokenizer`, but what is ill-formed ends it.

Browsers show nothing behind a mistake, so all the rest may pass.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_lambda.rewrite.html.long_tag import LongTag
from backend_lambda.rewrite.xml.grammar import DOCTYPE, ENDINGS, LONGEST_TOKEN, TARGET, TOKEN

Mode = Literal["content", "tag", "comment", "section", "instruction", "passing"]


class XmlTokenizer:
    """Derive from it and override what is of interest. All indexes are those of `text`.

    mode: may be set to `passing`: nothing that follows is of interest
    waits: ask `content` before the next token
    """

    def __init__(self) -> None:
        self.mode: Mode = "content"
        self.waits = False
        self._long_tag = LongTag()
        self._last = ""  # character of the text before

    def start_tag(self, text: str, match: re.Match[str], *, is_empty: bool) -> None:
        """A complete tag, with the groups `name` and `attributes`. is_empty: it closes itself."""

    def end_tag(self, text: str, start: int, name: str) -> None:
        """A complete tag."""

    def long_tag(self, text: str, start: int, name: str) -> None:
        """A start tag too long to be held back begins; it passes untouched."""

    def long_tag_closes(self) -> None:
        """It has closed itself."""

    def characters(self, text: str, start: int, end: int, *, is_section: bool) -> None:
        """Text, perhaps not all of it."""

    def markup(self, text: str, at: int) -> None:
        """A comment, instruction or declaration, the beginning or the end of a CDATA section."""

    def instruction(self, text: str, start: int, end: int, target: str) -> None:
        """A complete processing instruction."""

    def content(self, text: str, at: int, *, at_end: bool) -> int:
        """Text or markup begins there; where to go on, -1 to be asked again with more."""
        return at

    def give_up(self, text: str, at: int, reason: str) -> None:
        """All the rest passes."""
        self.mode = "passing"

    def tokenize(self, text: str, *, at_end: bool) -> int:
        """Tell what is in `text`; returns the index from which on it must be given again, with more."""
        at = 0
        while True:
            mode = self.mode
            if mode == "content":
                at = self._content(text, at, at_end=at_end)
            elif mode == "tag":
                at = self._rest_of_tag(text, at)
            elif mode == "passing":
                at = len(text)
            else:
                at = self._until(text, at, at_end=at_end)
            if self.mode == mode:
                break
        self._last = text[at - 1 : at] or self._last
        return at

    def _content(self, text: str, at: int, *, at_end: bool) -> int:
        while self.mode == "content":
            if self.waits:
                done = self.content(text, at, at_end=at_end)
                if done < 0:
                    return at
                at = done
            start = text.find("<", at)
            if start < 0:
                start = len(text)
            if at < start:
                self.characters(text, at, start, is_section=False)
            if start == len(text):
                return start
            match = TOKEN.match(text, start, start + LONGEST_TOKEN + 1)
            if match is None:
                self.give_up(text, start, "ill-formed")
                return start
            found = match.lastgroup
            if found == "start":
                at = match.end()
                self.start_tag(text, match, is_empty=text[at - 2] == "/")
            elif found == "end":
                at = match.end()
                self.end_tag(text, start, match["end_name"])
            else:
                at = self._other(text, match, at_end=at_end)
                if at < 0:
                    return start
        return at

    def _other(self, text: str, match: re.Match[str], *, at_end: bool) -> int:
        """What is no complete tag; where to go on, or -1 if more of it must come first."""
        start, end = match.span()
        match match.lastgroup:
            case "comment":
                self.markup(text, start)
                self.mode = "comment"
            case "section":
                self.markup(text, start)
                self.mode = "section"
            case "declaration":
                declaration = DOCTYPE.match(text, start, start + LONGEST_TOKEN + 1)
                if declaration is None:
                    return self._wait(text, start, at_end=at_end)
                self.markup(text, start)
                end = declaration.end()
            case "instruction":
                return self._instruction(text, start, at_end=at_end)
            case "open_start" if end - start > LONGEST_TOKEN:
                self.long_tag(text, start, match["name"])
                self.mode = "tag"
                self._long_tag = LongTag()
                end = start + len("<")
            case _:
                return self._wait(text, start, at_end=at_end)
        return end

    def _instruction(self, text: str, start: int, *, at_end: bool) -> int:
        target = TARGET.match(text, start, start + LONGEST_TOKEN + 1)
        end = text.find("?>", start + len("<?"), start + LONGEST_TOKEN + 1)
        if end < 0 and not at_end and len(text) - start <= LONGEST_TOKEN:
            return -1
        self.markup(text, start)
        if end < 0 or target is None:
            self.mode = "instruction"
            return start + len("<?")
        self.instruction(text, start, end, target[1])
        return end + len("?>")

    def _wait(self, text: str, start: int, *, at_end: bool) -> int:
        if not at_end and len(text) - start <= LONGEST_TOKEN:
            return -1
        self.give_up(text, start, "ill-formed" if len(text) - start <= LONGEST_TOKEN else "long tag")
        return start

    def _rest_of_tag(self, text: str, at: int) -> int:
        end = self._long_tag.end_in(text, at)
        if end < 0:
            return len(text)
        self.mode = "content"
        if (text[end - 2] if end > 1 else self._last) == "/":
            self.long_tag_closes()
        return end

    def _until(self, text: str, at: int, *, at_end: bool) -> int:
        ending, beginning = ENDINGS[self.mode]
        is_section = self.mode == "section"
        match = ending.search(text, at)
        if match is None:
            tail = None if at_end else beginning.search(text, max(at, len(text) - len("-->") + 1))
            end = len(text) if tail is None else tail.start()
        else:
            end = match.start()
        if is_section and at < end:
            self.characters(text, at, end, is_section=True)
        if match is None:
            return end
        if is_section:
            self.markup(text, end)
        self.mode = "content"
        return match.end()
