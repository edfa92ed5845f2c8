"""The text of a Content-Security-Policy: read as browsers do (CSP Level 3, section 2.2), changed in place."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BLANK = "\t\n\f\r "
_WORD = re.compile(rf"[^{_BLANK}]+")


class Directive:
    """One directive as it is written. name: in lower case; empty for what browsers ignore."""

    __slots__ = ("name", "text", "values")

    def __init__(self, text: str) -> None:
        words = _WORD.findall(text)
        self.text = text
        self.name: str = words[0].lower() if words and text.isascii() else ""
        self.values: list[str] = words[1:]

    @property
    def is_none(self) -> bool:
        """Whether it is an empty list, spelled `'none'` or not at all; next to others `'none'` has no meaning."""
        return not self.values or [value.lower() for value in self.values] == ["'none'"]

    def replace(self, values: Sequence[str]) -> None:
        """values: one text for each that is there, which may be several words."""
        if values != self.values:
            words = iter([_WORD.findall(self.text)[0], *values])
            self._become(_WORD.sub(lambda _: next(words), self.text))

    def append(self, values: Sequence[str]) -> None:
        """Add to the list; what said that it is empty goes."""
        new = " ".join(values)
        if self.values and self.is_none:
            self.replace([new])
        else:
            end = len(self.text.rstrip(_BLANK))
            self._become(f"{self.text[:end]} {new}{self.text[end:]}")

    def _become(self, text: str) -> None:
        self.text = text
        self.values = _WORD.findall(text)[1:]


class Policy:
    """One policy as it is written. directives: by name, those that count; of two with the same name the first."""

    __slots__ = ("_all", "directives")

    def __init__(self, text: str) -> None:
        self._all = [Directive(part) for part in text.split(";")]
        self.directives: dict[str, Directive] = {}
        for directive in self._all:
            if directive.name:
                self.directives.setdefault(directive.name, directive)

    @property
    def text(self) -> str:
        return ";".join(directive.text for directive in self._all)

    def first_of(self, names: Sequence[str]) -> Directive | None:
        """The first of these directives that is there."""
        return next((self.directives[name] for name in names if name in self.directives), None)

    def add(self, name: str, values: Sequence[str]) -> None:
        """Add a directive at the end."""
        if not self._all[-1].text.strip(_BLANK):
            self._all.pop()
        directive = Directive(f" {name} {' '.join(values)}")
        self._all.append(directive)
        self.directives[name] = directive

    def remove(self, name: str) -> None:
        """Take the directive away, wherever it stands."""
        if self.directives.pop(name, None) is not None:
            self._all = [directive for directive in self._all if directive.name != name] or [Directive("")]
