"""Whether a page is the shell of a single-page app, so that mode `auto` becomes `spa` (rewriting.md, section 3)."""

from __future__ import annotations

import re

_LOOK_AT = 64 * 1024  # characters; a shell is short, and a marker further down is none

# What the dev servers and frameworks whose routers read `location.pathname` leave in their pages.
_MARKERS = re.compile(
    r"/@vite/client|__NEXT_DATA__|self\.__next_f|__sveltekit_|__NUXT__|<app-root[\s>/]|\sng-version=", re.ASCII
)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
_INVISIBLE = re.compile(
    r"<(script|style|noscript|template)\b(?:[^>]*+)>.*?</\1\s*+>|<!--.*?-->|<link\b[^>]*+>", re.IGNORECASE | re.DOTALL
)
_MOUNT = re.compile(r"<(div|main)\b[^>]*?\sid\s*=\s*[\"']?(?:root|app)[\"'\s>]", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]*?(?:type\s*=\s*[\"']?module|\sdefer\b|\ssrc\s*=)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>")
_NEARLY_NOTHING = 40  # characters of visible text: a "Loading …"


class SpaDetector:
    """Looks at the beginning of one HTML document, piece by piece."""

    def __init__(self) -> None:
        self._seen = ""
        self._next = 1
        self._over = False
        self.found = False

    def feed(self, text: str) -> bool:
        """Take the next piece; True as soon as the page has shown itself to be a shell."""
        if self._over:
            return self.found
        self._seen += text[: _LOOK_AT - len(self._seen)]
        size = len(self._seen)
        # Looked at each time it has doubled: a page in thousands of pieces must not cost thousands of searches.
        if size < self._next and "</body" not in self._seen[-len(text) - len("</body") :].lower():
            return False
        self._next = 2 * size
        self.found = _is_shell(self._seen)
        if self.found or size >= _LOOK_AT:
            self._over = True
            self._seen = ""
        return self.found


def _is_shell(page: str) -> bool:
    if _MARKERS.search(page):
        return True
    body = _BODY.search(page)
    if body is None or "</body" not in page[body.end() :].lower():
        return False  # not all there yet, or no page
    end = page.lower().rindex("</body")
    inside = page[page.find(">", body.start()) + 1 : end]
    mount = _MOUNT.search(inside)
    if mount is None or not _SCRIPT.search(page):
        return False
    visible = _TAG.sub("", _INVISIBLE.sub("", inside))
    return len(visible.strip()) <= _NEARLY_NOTHING
