"""Which attributes of which elements hold references, and what kind of reference (H1, H2, H18, H19)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "url", "srcset", "urls", "url-list", "style", "paint",
    "absolute", "absolute-only", "refresh", "policy", "srcdoc", "removed",
]  # fmt: skip
"""urls: separated by blanks; url-list: by commas; style: declarations; paint: a CSS value such as `url(/d.svg#g)`;
absolute: a URL that machines read; absolute-only: perhaps one, if it is absolute; removed: the attribute has to go."""


# HTML LS ("attributes" index), and what old pages still carry. `itemid` and `itemtype` name things, they lead nowhere.
_HTML: dict[str, dict[str, Kind]] = {
    "a": {"href": "url", "ping": "urls"},
    "applet": {"codebase": "url", "archive": "url-list"},
    "area": {"href": "url", "ping": "urls"},
    "audio": {"src": "url"},
    "base": {"href": "url"},
    "bgsound": {"src": "url"},
    "blockquote": {"cite": "url"},
    "body": {"background": "url"},
    "button": {"formaction": "url"},
    "command": {"icon": "url"},
    "del": {"cite": "url"},
    "embed": {"src": "url"},
    "fencedframe": {"src": "url"},
    "form": {"action": "url"},
    "frame": {"src": "url", "longdesc": "url"},
    "head": {"profile": "urls"},
    "html": {"manifest": "url"},
    "iframe": {"src": "url", "srcdoc": "srcdoc", "longdesc": "url"},
    "img": {"src": "url", "srcset": "srcset", "longdesc": "url", "lowsrc": "url", "dynsrc": "url"},
    "input": {"src": "url", "formaction": "url", "lowsrc": "url", "dynsrc": "url"},
    "ins": {"cite": "url"},
    "layer": {"src": "url", "background": "url"},
    "link": {"href": "url", "imagesrcset": "srcset"},
    "menuitem": {"icon": "url"},
    "object": {"data": "url", "codebase": "url", "archive": "urls"},
    "portal": {"src": "url"},
    "q": {"cite": "url"},
    "script": {"src": "url"},
    "source": {"src": "url", "srcset": "srcset"},
    "table": {"background": "url"},
    "tbody": {"background": "url"},
    "td": {"background": "url"},
    "tfoot": {"background": "url"},
    "th": {"background": "url"},
    "thead": {"background": "url"},
    "tr": {"background": "url"},
    "track": {"src": "url"},
    "video": {"src": "url", "poster": "url"},
}
# `<image>` in HTML is another way to write `<img>`.
_HTML["image"] = dict(_HTML["img"])

# SVG 2, SVG 1.1 and Filter Effects; the HTML tokeniser makes all names lower case.
_SVG_LINKS = (
    "a altglyph animate animatecolor animatemotion animatetransform color-profile cursor discard feimage filter "
    "font-face-uri glyphref image lineargradient mpath pattern radialgradient script set textpath tref use"
)
_SVG_PAINTED = (
    "animate circle clippath ellipse feflood fediffuselighting fedropshadow fespecularlighting foreignobject g image "
    "line lineargradient marker mask path pattern polygon polyline radialgradient rect stop svg switch symbol text "
    "textpath tref tspan use a"
)
_PAINTS = (
    "clip-path cursor fill filter marker marker-end marker-mid marker-start mask mask-image shape-inside "
    "shape-subtract stroke"
)
_PAINT: dict[str, Kind] = dict.fromkeys(_PAINTS.split(), "paint")
_SVG: dict[str, Kind] = {"href": "url", "xlink:href": "url"}

# MathML 3 and 4 (Core has `href` on every element).
_MATH = (
    "annotation annotation-xml apply ci cn csymbol maction math menclose merror mfenced mfrac mglyph mi mlabeledtr "
    "mlongdiv mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mscarries mscarry msgroup msline mspace msqrt "
    "msrow mstack mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics"
)
_MATHML: dict[str, Kind] = {"href": "url", "xlink:href": "url", "altimg": "url", "cdgroup": "url"}


def _tables() -> dict[str, Mapping[str, Kind]]:
    tables: dict[str, dict[str, Kind]] = {name: dict(table) for name, table in _HTML.items()}
    for name in _SVG_LINKS.split():
        tables.setdefault(name, {}).update(_SVG)
    for name in _SVG_PAINTED.split():
        tables.setdefault(name, {}).update(_PAINT)
    for name in _MATH.split():
        tables.setdefault(name, {}).update(_MATHML)
    for name in ("annotation", "annotation-xml", "mglyph"):
        tables[name]["src"] = "url"
    return {name: MappingProxyType({**table, "style": "style"}) for name, table in tables.items()}


TABLES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(_tables())
"""Lower-case element → lower-case attribute → kind."""

PAINTED = frozenset(
    name for name, kinds in TABLES.items() if all(kind in ("style", "paint") for kind in kinds.values())
)
"""Elements whose attributes hold references in CSS only, so not without a parenthesis."""

OTHER_ELEMENTS: Mapping[str, Kind] = MappingProxyType({"style": "style"})
"""The attributes of all elements that have no table of their own."""

PARAMETERS = frozenset({"src", "movie", "href"})
"""Names of `<param>` whose value is a URL."""
