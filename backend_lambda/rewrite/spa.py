"""Whether a page is the shell of a single-page app, so that mode `auto` becomes `spa` (rewriting.md, section 3)."""

from __future__ import annotations

import re

_LOOK_AT = 64 * 1024  # characters; a shell is short, and a marker further down is none

# What the dev servers and frameworks whose routers read `location.pathname` leave in their pages. Their assets are in
# the head, where they are seen before anything is shown.
_MARKERS = re.compile(
    r"/@vite/client|/_next/static/|__NEXT_DATA__|self\.__next_f|__sveltekit_|/_app/immutable/|__NUXT__|/_nuxt/"
    r"|<app-root[\s>/]|\sng-version=|___gatsby|__docusaurus|__VP_[A-Z]|__remixContext|__reactRouterContext|\$_TSR"
    r"|_dash-config|_framework/blazor\.|flutter_bootstrap\.js|/config/environment\" content=\"%7B",
    re.ASCII,
)
_PAGE = re.compile(r"<!doctype|<html[\s>]", re.IGNORECASE)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
_UNSEEN = re.compile(r"(?:script|style|noscript|template|title)(?=[\s/>])", re.IGNORECASE)
# An element whose id says that an app is to be mounted in it: root, app, main-app, app-root, reactRoot, svelte …
_MOUNT = re.compile(
    r"<(?:div|main|section)(?=[\s/])[^<>]*?\sid\s*=\s*[\"']?"
    r"(?:[\w-]*?(?:[-_]|\b)(?:root|app|mount)|react[\w-]*|vue[\w-]*|svelte|elm|ember[\w-]*|__next|__nuxt)[\"'\s>]",
    re.IGNORECASE,
)
# Of pages that show nothing, or a sign of waiting, without their scripts: in what the app is to be mounted, whatever it
# is called; what a page that is made by the server has; what only one thing is shown in, by a script without a router.
_CONTAINER = re.compile(r"<(?:div|main|section|article|[a-z][\w.]*-[\w.-]*)(?=[\s/>])", re.IGNORECASE)
_CONTENT = re.compile(
    r"<(?:a|audio|button|canvas|dl|embed|form|h[1-6]|iframe|input|object|ol|pre|select|table|textarea|ul|video)(?=[\s/>])",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"<(?:img|picture)(?=[\s/>])", re.IGNORECASE)
_WIDGET = re.compile(
    r"<(?:(?=[a-z][\w.]*-|redoc[\s/>])|[^<>]*?\sid\s*=\s*[\"']?)[\w-]*?(?:canvas|chart|diagram|editor|game|graph|map|openapi|player"
    r"|playground|plot|rapi|redoc|sandbox|scalar|scene|swagger|terminal|viewer|\bapi|-api)",
    re.IGNORECASE,
)
_WAITING = re.compile(r"load|spinner|splash|please wait|\binitiali[sz]", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_SCRIPT = re.compile(r"<script(?=[\s/])[^<>]*?(?:type\s*=\s*[\"']?module|\sdefer\b|\ssrc\s*=)", re.IGNORECASE)
_CLOSE_LOOKS = 64
_NEARLY_NOTHING = 40  # characters of visible text: a "Loading …"


class SpaDetector:
    """Looks at the beginning of one HTML document, piece by piece.

    found: the page has shown itself to be a shell; may become true after it had to be shown as an ordinary page
    """

    def __init__(self) -> None:
        self._seen = ""
        self._next = 1
        self._looks = 0
        self._over = False
        self.found = False

    def feed(self, text: str, *, is_all: bool = False) -> bool | None:
        """Take the next piece. True: a shell; False: there is something to show that is none; None: not clear yet.

        is_all: nothing follows
        """
        if self._over:
            return self.found
        self._seen += text[: _LOOK_AT - len(self._seen)]
        size = len(self._seen)
        # A page in thousands of pieces must not cost thousands of searches; one that comes slowly is to be seen.
        self._looks += 1
        if not is_all and size < self._next and "</body" not in self._seen[-len(text) - len("</body") :].lower():
            return None
        self._next = size + 1 if self._looks < _CLOSE_LOOKS else min(size * 5 // 4, _LOOK_AT)
        self.found = _is_shell(self._seen, is_all=is_all)
        if self.found or is_all or size >= _LOOK_AT:
            self._over = True
        verdict = self.found or (None if not self._over and not _shows_something(self._seen) else False)
        if self._over:
            self._seen = ""
        return verdict


def _shows_something(page: str) -> bool:
    """Whether a visitor would see of what has come so far what no shell shows: more than a "Loading …" in its mount."""
    body = _BODY.search(page)
    if body is None:
        return False
    shown = _shown(page, body.start())
    return _letters(shown) > (_NEARLY_NOTHING if _MOUNT.search(page) or _WAITING.search(shown) else 0)


def _is_shell(page: str, *, is_all: bool) -> bool:
    if _MARKERS.search(page):
        return True
    body = _BODY.search(page)
    if body is not None:
        is_whole = is_all or "</body" in page[body.end() :].lower()
        # Nothing in sight, and then more data for the scripts than is looked at.
        is_whole = is_whole or (len(page) >= _LOOK_AT and _ends_in_script(page))
    else:
        is_whole = is_all and _PAGE.search(page) is not None
    if not is_whole or not _SCRIPT.search(page):
        return False  # not all there yet, or no shell
    shown = _shown(page, 0 if body is None else body.end())
    letters = _letters(shown)
    return letters <= _NEARLY_NOTHING and (_MOUNT.search(page) is not None or _awaits_an_app(shown, letters))


def _awaits_an_app(shown: str, letters: int) -> bool:
    """Whether a page with so little to see is one that some app is to fill, not just a widget.

    A page that is taken for one by mistake works as well; one that is not may stay blank.
    """
    if not _CONTAINER.search(shown) or _CONTENT.search(shown) or _WIDGET.search(shown):
        return False
    return _WAITING.search(shown) is not None or (not letters and not _PICTURE.search(shown))


def _ends_in_script(page: str) -> bool:
    lower = page.lower()
    return lower.rfind("<script") > lower.rfind("</script")


def _shown(page: str, at: int) -> str:
    """The markup from there on, without comments and without the elements that browsers do not show."""
    lower = page.lower()
    pieces = []
    while (start := page.find("<", at)) >= 0:
        pieces.append(page[at:start])
        if page.startswith("<!--", start):
            end = page.find("-->", start + 4)
            at = end + len("-->")
        else:
            end = page.find(">", start)
            at = end + 1
            unseen = _UNSEEN.match(page, start + 1)
            if unseen is None:
                pieces.append(page[start:at])
            elif end >= 0:
                at = end = lower.find(f"</{unseen[0].lower()}", end)
        if end < 0:
            return "".join(pieces)
    return "".join([*pieces, page[at:]])


def _letters(shown: str) -> int:
    """How many characters, blank ones aside, stand outside of tags."""
    return len("".join(_TAG.sub("", shown).split()))
