"""Where a page is inside SVG or MathML: there the raw text elements of HTML are ordinary ones (HTML LS, 13.2.6.5)."""

from __future__ import annotations

ROOTS = frozenset({"svg", "math"})
# Inside these, markup is HTML again.
_INTEGRATION_POINTS = {
    "svg": frozenset({"foreignobject", "desc", "title"}),
    "math": frozenset({"mi", "mo", "mn", "ms", "mtext"}),
}
_HTML_ENCODINGS = frozenset({"text/html", "application/xhtml+xml"})
# Start tags that close all of SVG or MathML; as end tags they close an element around it.
_BREAKING = (
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
# Not `a`, which SVG has, too.
_OUTER = (
    "article aside audio button canvas caption datalist del details dialog fieldset figcaption figure footer form "
    "header hgroup html ins label legend main map nav noscript object optgroup option picture q rp rt rtc s search "
    "section select slot summary tbody td template tfoot th thead tr video"
)
_BREAKOUTS = frozenset(_BREAKING.split())
_AROUND = _BREAKOUTS | frozenset(_OUTER.split())
_WITH_HYPHEN = frozenset({"annotation-xml", "color-profile", "font-face", "missing-glyph"})
_DEEPEST = 64


class ForeignContent:
    """The open elements that matter for the question, innermost last; empty outside."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    @property
    def is_current(self) -> bool:
        """Whether the current element is one of SVG or MathML, and no integration point."""
        return bool(self._open) and self._open[-1] in ROOTS

    def start(self, name: str, encoding: str | None = None, *, self_closing: bool = False) -> bool:
        """A start tag; whether its element is one of SVG or MathML. Self-closing counts for these alone.

        encoding: value of the attribute of that name, which decides about `annotation-xml`
        """
        if not self._open or not self.is_current:
            if name not in ROOTS:
                return False
        elif name in _BREAKOUTS:
            while self.is_current:
                self._open.pop()
            return False
        if self_closing or len(self._open) >= _DEEPEST:
            return True
        if name in ROOTS or self._is_integration_point(name, encoding):
            self._open.append(name)
        return True

    def end(self, name: str) -> None:
        """An end tag."""
        if self.is_current:
            if name in ROOTS:
                for index in range(len(self._open) - 1, -1, -1):
                    if self._open[index] == name:
                        del self._open[index:]
                        return
                    if self._open[index] not in ROOTS:
                        return
            elif name in _AROUND or ("-" in name and name not in _WITH_HYPHEN):
                while self.is_current:
                    self._open.pop()
        elif self._open and self._open[-1] == name:
            self._open.pop()

    def _is_integration_point(self, name: str, encoding: str | None) -> bool:
        root = self._open[-1]
        if name == "annotation-xml" and root == "math":
            return (encoding or "").lower() in _HTML_ENCODINGS
        return name in _INTEGRATION_POINTS[root]
