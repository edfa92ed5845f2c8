"""URLs inside small grammars (srcset, Refresh, Link, quoted lists): each is mapped in place, the rest is copied."""

from __future__ import annotations

import re
from collections.abc import Callable

MapOne = Callable[[str], str]

_WHITESPACE = " \t\n\f\r"
# HTML, "shared declarative refresh steps": digits, a separator, perhaps `url=`; what follows is the URL.
_REFRESH = re.compile(
    r"[ \t\n\f\r]*+(?:[0-9]++|(?=\.))[0-9.]*+(?:[ \t\n\f\r]*+[;,]|[ \t\n\f\r])[ \t\n\f\r]*+"
    r"(?:url[ \t\n\f\r]*+=[ \t\n\f\r]*+)?",
    re.IGNORECASE,
)
# RFC 8288: `<target>` and quoted parameters. An unterminated quote takes the rest, so that scanning stays linear.
_LINK_PART = re.compile(
    r"<([^<>]*+)>|(?:(?<![\w-])(imagesrcset|anchor)[ \t]*+=[ \t]*+)?\"((?:[^\"\\]|\\.?)*+)(?:\"|$)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.?)*+)(?:\"|$)", re.DOTALL)


def map_srcset(text: str, map_one: MapOne) -> str:
    """Map every candidate of a `srcset` (HTML, "parse a srcset attribute"); commas inside URLs are part of them."""
    out: list[str] = []
    copied = at = 0
    size = len(text)
    while True:
        while at < size and text[at] in _WHITESPACE + ",":
            at += 1
        if at == size:
            break
        start = at
        while at < size and text[at] not in _WHITESPACE:
            at += 1
        url = text[start:at].rstrip(",")
        out += (text[copied:start], map_one(url))
        copied = start + len(url)
        if copied == at:
            at = _skip_descriptors(text, at)
    if not out:
        return text
    out.append(text[copied:])
    return "".join(out)


def map_refresh(text: str, map_one: MapOne) -> str:
    """Map the URL of a `Refresh` field or `<meta http-equiv=refresh>` content (RH5); quotes are kept."""
    match = _REFRESH.match(text)
    if match is None:
        return text
    start = match.end()
    end = len(text)
    if text[start : start + 1] in ("'", '"'):
        closing = text.find(text[start], start + 1)
        end = end if closing < 0 else closing
        start += 1
    return text[:start] + map_one(text[start:end]) + text[end:] if start < end else text


def map_link(text: str, map_one: MapOne) -> str:
    """Map a `Link` field (RH4): every `<target>`, and the parameters `imagesrcset` and `anchor`."""

    def replace(match: re.Match[str]) -> str:
        target, parameter, quoted = match.groups()
        if target is not None:
            return f"<{map_one(target)}>"
        if parameter is None or not quoted or "\\" in quoted:
            return match[0]
        mapped = map_srcset(quoted, map_one) if parameter.lower() == "imagesrcset" else map_one(quoted)
        start, end = match.start(3) - match.start(), match.end(3) - match.start()
        return match[0][:start] + mapped + match[0][end:]

    return _LINK_PART.sub(replace, text)


def map_quoted_list(text: str, map_one: MapOne) -> str:
    """Map every string of a structured list such as `Speculation-Rules: "/a.json", "/b.json"` (RFC 9651)."""

    def replace(match: re.Match[str]) -> str:
        quoted = match[1]
        return match[0] if not quoted or "\\" in quoted else '"' + map_one(quoted) + match[0][1 + len(quoted) :]

    return _QUOTED.sub(replace, text)


def _skip_descriptors(text: str, at: int) -> int:
    """The index of the comma that ends the candidate (one in parentheses does not), or the end of the text."""
    in_parentheses = False
    for index in range(at, len(text)):
        character = text[index]
        if character == "(":
            in_parentheses = True
        elif character == ")":
            in_parentheses = False
        elif character == "," and not in_parentheses:
            return index
    return len(text)
