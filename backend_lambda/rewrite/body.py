"""What all rewriters of text have in common, and the one for formats that can only be rewritten as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backend_lambda.rewrite.document import Document

LONGEST_WHOLE = 1024 * 1024


class TextRewriter(Protocol):
    """A body on its way, piece by piece; any way of cutting it gives the same text.

    In the latin-1 view each character is one byte of the body, so that bytes beyond ASCII survive in any charset.
    """

    @property
    def pending(self) -> str:
        """Input received and not yet given out, as it came."""

    def feed(self, text: str) -> str:
        """Take the next piece; returns what can go out now."""

    def close(self) -> str:
        """The body is complete; returns the rest."""


class WholeText:
    """Holds a body back until all of it is there.

    transform: gets the text, returns the new one, or None to leave it as it is
    limit: characters; a longer body passes as it comes and `too large` is noted
    transform_beginning: the same for the first `limit` characters of a longer body; None: they stay as well
    """

    def __init__(
        self,
        transform: Callable[[str], str | None],
        document: Document,
        *,
        limit: int = LONGEST_WHOLE,
        transform_beginning: Callable[[str], str | None] | None = None,
    ) -> None:
        self._transform = transform
        self._transform_beginning = transform_beginning
        self._report = document.report
        self._limit = limit
        self._held: list[str] = []
        self._size = 0
        self._passes = False

    @property
    def pending(self) -> str:
        """All that has come, unless it was too much."""
        return "".join(self._held)

    def feed(self, text: str) -> str:
        """Nothing, unless it is too much."""
        if self._passes:
            return text
        self._held.append(text)
        self._size += len(text)
        if self._size <= self._limit:
            return ""
        self._report.note("too large")
        self._passes = True
        text = self.pending
        out = text
        if self._transform_beginning is not None:
            beginning = self._transform_beginning(text[: self._limit])
            if beginning is not None:
                out = beginning + text[self._limit :]
        self._held = []
        return out

    def close(self) -> str:
        """The body, transformed."""
        if self._passes:
            return ""
        text = self.pending
        changed = self._transform(text)
        self._held = []
        return text if changed is None else changed
