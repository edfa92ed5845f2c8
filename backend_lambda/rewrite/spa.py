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
# A custom element that is the app by its name (my-app, app-shell, tb-webapp), or an empty landmark of the page.
# Widgets (a map, an editor, API documentation) stand in elements of other names.
_SHELL_ELEMENT = re.compile(
    r"<(?=[a-z][\w.]*-)(?=[\w.-]{3,64}[\s/>])(?:[\w.]+-)*(?:web)?(?:app|root)(?:-[\w.-]+)?[\s/>]"
    r"|<(main|article)(?=[\s>])[^<>]*>\s*(?:<!--[^<>]*-->\s*)?</\1\s*>",
    re.IGNORECASE,
)
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
    visible = _visible(page, body.start())
    return visible > (_NEARLY_NOTHING if _MOUNT.search(page) else 0)


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
    start = 0 if body is None else body.start()
    return bool(_MOUNT.search(page) or _SHELL_ELEMENT.search(page, start)) and _visible(page, start) <= _NEARLY_NOTHING


def _ends_in_script(page: str) -> bool:
    lower = page.lower()
    return lower.rfind("<script") > lower.rfind("</script")


def _visible(page: str, at: int) -> int:
    """How many characters, blank ones aside, stand outside tags, comments and what browsers do not show."""
    lower = page.lower()
    count = 0
    while (start := page.find("<", at)) >= 0:
        count += len("".join(page[at:start].split()))
        if page.startswith("<!--", start):
            end = page.find("-->", start + 4)
        else:
            end = page.find(">", start)
            name = _UNSEEN.match(page, start + 1)
            if name is not None and end >= 0:
                end = lower.find(f"</{name[0].lower()}", end)
        if end < 0:
            return count
        at = end + 1
    return count + len("".join(page[at:].split()))
