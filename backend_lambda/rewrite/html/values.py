"""What an attribute's value becomes: decoded for the decision, written with the fewest changes (H22)."""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_lambda.rewrite.csp import map_meta_policy
from backend_lambda.rewrite.css import rewrite_declarations
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.embedded_urls import map_srcset
from backend_lambda.rewrite.html.entities import Decoded

_SAFE = re.compile(r"[A-Za-z0-9/:.%_~\-]*+")
_WORD = re.compile(r"[^\t\n\f\r ]++")
_LISTED = re.compile(r"[^,]++")
_ABSOLUTE = re.compile(r"[\x00-\x20]*+(?:https?:|//)", re.IGNORECASE)
_LONGEST_REMEMBERED = 512
_MOST_REMEMBERED = 4096


class Values:
    """The rewritten forms of values, None for "as it is". quote: what surrounds the value, or nothing."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._map = document.map
        self._prefix = document.context.prefix
        self._known: dict[str, str | None] = {}

    def forget(self) -> None:
        """URLs map to something else from now on."""
        self._known.clear()

    def url(self, raw: str) -> str | None:
        """A URL."""
        if raw[:1] == "#":
            return None
        if "&" not in raw:
            mapped = self._map(raw)
            if mapped == raw:
                return None
            return mapped if mapped == self._prefix + raw else replaced(raw, self._map)
        known = self._known
        if raw in known:
            return known[raw]
        new = replaced(raw, self._map)
        # Pages repeat their links; hostile ones must not fill the memory.
        if len(raw) <= _LONGEST_REMEMBERED and len(known) < _MOST_REMEMBERED:
            known[raw] = new
        return new

    def srcset(self, raw: str, quote: str) -> str | None:
        """Image candidates (H2)."""
        return replaced(raw, lambda value: map_srcset(value, self._document.map), quote)

    def urls(self, raw: str, quote: str) -> str | None:
        """URLs separated by blanks."""
        return replaced(raw, lambda value: _WORD.sub(self._map_match, value), quote)

    def url_list(self, raw: str, quote: str) -> str | None:
        """URLs separated by commas."""
        return replaced(raw, lambda value: _LISTED.sub(self._map_match, value), quote)

    def style(self, raw: str, quote: str) -> str | None:
        """Declarations or a CSS value (H6)."""
        if "(" not in raw and "&" not in raw:
            return None
        return replaced(raw, lambda value: rewrite_declarations(value, self._document), quote)

    def absolute(self, raw: str, quote: str) -> str | None:
        """A URL that machines read, who want it absolute (H4)."""
        return replaced(raw, self._document.map_absolute, quote)

    def absolute_only(self, raw: str, quote: str) -> str | None:
        """Perhaps a URL: if it is an absolute one."""
        return self.absolute(raw, quote) if _ABSOLUTE.match(raw) else None

    def policy(self, raw: str, quote: str) -> str | None:
        """A Content-Security-Policy (RH16)."""
        return replaced(raw, lambda value: map_meta_policy(value, self._document), quote)

    def _map_match(self, match: re.Match[str]) -> str:
        return self._document.map(match[0])


def replaced(raw: str, change: Callable[[str], str], quote: str = "") -> str | None:
    """What to write for `raw` when its value is changed so; None if that changes nothing."""
    if "&" not in raw:
        new = change(raw)
        if new == raw:
            return None
        if new.endswith(raw) and _SAFE.fullmatch(new, 0, len(new) - len(raw)):
            return new
        return Decoded(raw).splice(new, quote)
    decoded = Decoded(raw)
    new = change(decoded.value)
    return None if new == decoded.value else decoded.splice(new, quote)
