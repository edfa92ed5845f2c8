"""The tokens of HTML (HTML LS, 13.2.5) as regular expressions that never backtrack."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_TOKEN = 65_536  # characters; a longer tag passes as it is, so that it need not be held back

# No quantifier that takes possession has a capturing group inside: some releases of Python 3.11 and 3.12 trip over it.
_BLANK = r"\t\n\f\r "
_NAME = rf"[A-Za-z][^{_BLANK}/>]*+"
ATTRIBUTES = (
    rf"(?:[{_BLANK}/]*+[^{_BLANK}/>][^{_BLANK}/>=]*+"
    rf"(?:[{_BLANK}]*+=[{_BLANK}]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^{_BLANK}>]*+))?+)*+[{_BLANK}/]*+"
)
# What needs no look at: end tags, and start tags of elements that hold no references unless styled.
_PLAIN = (
    r"[^<]*+(?:<(?:/[A-Za-z][A-Za-z0-9]*+|"
    r"(?:b|br|code|dd|div|dl|dt|em|h[1-6]|i|label|li|nav|p|pre|small|span|strong|sub|sup|ul)"
    r"(?: (?:class|id|title)=\"[^\"]*+\")*+)>[^<]*+)*+"
)


def _tokens(after_start: str) -> re.Pattern[str]:
    """The last group of each alternative tells which it was, and `open_…` that it is not complete."""
    return re.compile(
        rf"<(?P<name>{_NAME})(?P<attributes>{ATTRIBUTES})(?:>(?P<start>){after_start}|(?P<open_start>))"
        rf"|</(?P<end_name>{_NAME})(?P<end_attributes>{ATTRIBUTES})(?:>(?P<end>)|(?P<open_end>))"
        r"|<!--(?:(?:-?+>|[^-]*+(?:-(?!-!?>)[^-]*+)*+--!?+>)(?P<comment>)|(?P<open_comment>))"
        r"|<!\[CDATA\[(?P<cdata>)"
        r"|<(?:[!?]|/(?=[^A-Za-z]))[^>]*+(?:>(?P<bogus>)|(?P<open_bogus>))"
        r"|</?+\Z(?P<cut>)"
    )


EVERY_TOKEN = _tokens("")
START_TAGS = _tokens(_PLAIN)

ATTRIBUTE = re.compile(
    rf"([^{_BLANK}/>][^{_BLANK}/>=]*+)(?:[{_BLANK}]*+=[{_BLANK}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^{_BLANK}>]*+))|)"
)
"""One attribute inside a complete tag: its name, and in group 2, 3 or 4 (`lastindex`) its value, if it has one."""

TAG_NAME = re.compile(_NAME)
BOGUS_END = re.compile(">")
COMMENT_END = re.compile("--!?+>")
COMMENT_TAIL = re.compile(r"-(?:-!?)?\Z")
CDATA_END = re.compile(r"\]\]>")
CDATA_TAIL = re.compile(r"\]{1,2}\Z")
# Content of `<script>`: plain, after `<!--`, and in a `<script` after that. `<!--` overlaps with `-->`.
SCRIPT_STATES = (
    re.compile(rf"(?P<escape><!)--|(?P<leave></script(?=[{_BLANK}/>]))", re.IGNORECASE | re.ASCII),
    re.compile(
        rf"(?P<plain>-->)|(?P<leave></script(?=[{_BLANK}/>]))|(?P<double><script(?=[{_BLANK}/>]))",
        re.IGNORECASE | re.ASCII,
    ),
    re.compile(rf"(?P<plain>-->)|(?P<escape></script(?=[{_BLANK}/>]))", re.IGNORECASE | re.ASCII),
)
SCRIPT_TAIL = re.compile(r"(?:<[^<>]{0,7}|-{1,2})\Z")
NEXT_SCRIPT_STATE = {"escape": 1, "plain": 0, "double": 2}


@lru_cache(maxsize=32)
def end_of(name: str) -> re.Pattern[str]:
    """What ends the text of a raw text element."""
    return re.compile(rf"</{name}(?=[{_BLANK}/>])", re.IGNORECASE | re.ASCII)
