"""What people read is found as it was sent: `path:茶` finds `/%E8%8C%B6`, since URLs hold only ASCII."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from app.filter.tree import And, Contains, Equals, Node, Not, Or, Term

_OF_URLS: Final = frozenset({"any", "path", "url"})
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def also_escaped(node: Node) -> Node:
    """The tree in which each word of other letters, asked of a URL, is asked in percent-encoding as well."""
    match node:
        case Term(field=field, test=Contains(needle=text) | Equals(value=text)) if field in _OF_URLS:
            escaped = _NOT_ASCII.sub(lambda found: quote(found[0], errors="surrogatepass").lower(), text)
            if escaped == text:
                return node
            test = Contains(escaped) if isinstance(node.test, Contains) else Equals(escaped)
            return Or((node, replace(node, test=test)), node.span)
        case Not(part=part):
            return replace(node, part=also_escaped(part))
        case And() | Or():
            return replace(node, parts=tuple(also_escaped(part) for part in node.parts))
    return node
