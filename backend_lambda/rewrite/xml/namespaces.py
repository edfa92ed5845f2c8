"""To which vocabulary the elements and attributes of a document belong (Namespaces in XML 1.0)."""

from __future__ import annotations

XHTML = "http://www.w3.org/1999/xhtml"
_XLINK = "http://www.w3.org/1999/xlink"
_SHOWN = frozenset({XHTML, "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"})


class Namespaces:
    """Follows the elements from their start to their end.

    Names that nothing is declared for, or only by an entity of the document, count as those that they look like.
    """

    def __init__(self) -> None:
        self.depth = 0  # open elements
        self._bound: dict[str, str] = {}
        self._before: list[tuple[int, str, str | None]] = []  # depth of a declaration, its prefix, what held outside

    def start(self, declared: dict[str, str]) -> None:
        """An element begins. declared: prefix, "" for none → namespace"""
        self.depth += 1
        for prefix, namespace in declared.items():
            self._before.append((self.depth, prefix, self._bound.get(prefix)))
            self._bound[prefix] = namespace

    def end(self) -> None:
        """An element ends."""
        while self._before and self._before[-1][0] >= self.depth:
            _, prefix, namespace = self._before.pop()
            if namespace is None:
                del self._bound[prefix]
            else:
                self._bound[prefix] = namespace
        if self.depth:
            self.depth -= 1

    def is_shown(self, prefix: str) -> bool:
        """Whether elements with that prefix are those of XHTML, SVG or MathML."""
        namespace = self._bound.get(prefix)
        return namespace is None or namespace in _SHOWN or "&" in namespace

    def shows(self, prefix: str) -> bool:
        """Whether that is declared, and not just likely."""
        return self._bound.get(prefix) in _SHOWN

    def attribute(self, name: str) -> str:
        """An attribute's name as the tables have it: XLink's by its usual prefix."""
        if ":" not in name:
            return name
        prefix, _, local = name.partition(":")
        return f"xlink:{local}" if self._bound.get(prefix) == _XLINK else name
