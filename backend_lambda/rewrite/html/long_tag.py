"""The rest of a tag that is too long to be held back: where it ends, found piece by piece (HTML LS, 13.2.5.8 on)."""

from __future__ import annotations

import re

# For each state: what to skip, which state follows on which character, and which one on any other. "end" is the tag's.
_STATES: dict[str, tuple[re.Pattern[str], dict[str, str], str]] = {
    "tag name": (re.compile(r"[^\t\n\f\r />]*+"), {}, "between"),
    "between": (re.compile(r"[\t\n\f\r /]*+"), {">": "end"}, "first"),
    "name": (re.compile(r"[^\t\n\f\r />=]*+"), {"=": "before value"}, "after name"),
    "after name": (re.compile(r"[\t\n\f\r ]*+"), {"=": "before value"}, "between"),
    "before value": (re.compile(r"[\t\n\f\r ]*+"), {'"': "double", "'": "single"}, "unquoted"),
    "unquoted": (re.compile(r"[^\t\n\f\r >]*+"), {}, "between"),
    "double": (re.compile(r"[^\"]*+"), {'"': "between"}, ""),
    "single": (re.compile(r"[^']*+"), {"'": "between"}, ""),
}


class LongTag:
    """Feed it what follows `<` or `</`."""

    def __init__(self) -> None:
        self._state = "tag name"

    def end_in(self, text: str, at: int) -> int:
        """The index after the tag's `>`, or -1 if all of the text belongs to it."""
        state = self._state
        while state != "end":
            skipped, transitions, other = _STATES[state]
            match = skipped.match(text, at)
            at = match.end() if match else at
            if at == len(text):
                self._state = state
                return -1
            following = transitions.get(text[at])
            if following is not None:
                at += 1
                state = following
            elif other == "first":
                at += 1  # whatever it is, even `=`, it begins a name
                state = "name"
            else:
                state = other
        return at
