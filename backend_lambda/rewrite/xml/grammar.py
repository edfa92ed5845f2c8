"""The tokens of XML 1.0 as regular expressions that never backtrack, and how elements are spelt in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from backend_lambda.rewrite.html.attributes import OTHER_ELEMENTS, PAINTED, TABLES, Kind

LONGEST_TOKEN = 65_536  # characters; a longer one passes as it is, so that it need not be held back

BLANK = " \\t\\r\\n"
# Names may hold nearly all characters beyond ASCII, whatever the encoding makes of them.
_NAME = rf"[A-Za-z_:\x80-\U0010ffff][^{BLANK}/<>=\"'&]*+"
_VALUE = r"(?:\"[^\"<]*+\"|'[^'<]*+')"

TOKEN = re.compile(
    rf"<(?P<name>{_NAME})(?P<attributes>(?:[{BLANK}]++{_NAME}[{BLANK}]*+=[{BLANK}]*+{_VALUE})*+)[{BLANK}]*+"
    rf"(?:/?+>(?P<start>)|(?:(?<=[{BLANK}]){_NAME}(?:[{BLANK}]*+=[{BLANK}]*+(?:\"[^\"<]*+|'[^'<]*+)?+|[{BLANK}]*+)|/?+)"
    r"\Z(?P<open_start>))"
    rf"|</(?P<end_name>{_NAME})[{BLANK}]*+(?:>(?P<end>)|\Z(?P<open_end>))"
    r"|<!--(?P<comment>)"
    r"|<!\[CDATA\[(?P<section>)"
    r"|<!(?P<declaration>D)"
    r"|<\?(?P<instruction>)"
    r"|<(?:!(?:-|\[(?:C(?:D(?:A(?:T(?:A)?)?)?)?)?)?|/)?\Z(?P<cut>)"
)
"""The last group tells what it is, and `open_…` or `cut` that more of it must come; no match: it is not well-formed."""

ATTRIBUTE = re.compile(rf"({_NAME})[{BLANK}]*+=[{BLANK}]*+(?:\"([^\"]*+)\"|'([^']*+)')")
"""One attribute inside a complete tag; its value is group 2 or 3."""

DOCTYPE = re.compile(
    r"<!D(?:[^\[>\"']++|\"[^\"]*+\"|'[^']*+'|\["
    r"(?:[^\]<\"']++|\"[^\"]*+\"|'[^']*+'|<!--(?:[^-]++|-(?!->))*+-->|<\?(?:[^?]++|\?(?!>))*+\?>|<(?!!--|\?))*+"
    r"\])*+>"
)
TARGET = re.compile(rf"<\?([^{BLANK}?]*+)")
STYLESHEET = "xml-stylesheet"

DATA = re.compile(rf"[{BLANK}]*+(?:<!\[CDATA\[((?:[^\]]++|\](?!\]>))*+)\]\]>[{BLANK}]*+|([^<]*+))</")
"""All of an element's content: one section, or text."""

# What ends what is passing, and what may be the beginning of that.
ENDINGS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = MappingProxyType(
    {
        "comment": (re.compile("-->"), re.compile(r"--?\Z")),
        "section": (re.compile(r"\]\]>"), re.compile(r"\]\]?\Z")),
        "instruction": (re.compile(r"\?>"), re.compile(r"\?\Z")),
    }
)

_CAPITALS = (
    "altGlyph animateColor animateMotion animateTransform clipPath feDiffuseLighting feDropShadow feFlood feImage "
    "feSpecularLighting foreignObject glyphRef linearGradient radialGradient textPath"
)
_SPELT = {name.lower(): name for name in _CAPITALS.split()}
ELEMENTS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {_SPELT.get(name, name): kinds for name, kinds in TABLES.items()}
)
"""Element as it is spelt, without prefix → attribute → kind."""

_IN_CSS = re.compile("[(&]")
_PAINTED = frozenset(_SPELT.get(name, name) for name in PAINTED)


def kinds_in(name: str, text: str, start: int, end: int) -> Mapping[str, Kind] | None:
    """The attributes that may hold references in a tag of that element, None if there are none.

    start, end: where its attributes stand
    """
    kinds = ELEMENTS.get(name)
    if kinds is None or name in _PAINTED:
        return (kinds or OTHER_ELEMENTS) if _IN_CSS.search(text, start, end) else None
    return kinds
