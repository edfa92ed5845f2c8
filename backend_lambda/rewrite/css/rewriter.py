"""One style sheet, or the text of one `<style>`, on its way to the visitor; declarations of a `style` attribute."""

from __future__ import annotations

import re

from backend_lambda.rewrite.css.grammar import (
    GAP,
    LIST_FUNCTIONS,
    LONGEST_FUNCTION,
    LONGEST_TOKEN,
    NAME_BEFORE,
    NAMESPACE,
    REST_OF,
    SOURCE_MAP,
    STRING,
    TRIGGER,
    TRIGGER_IN_LIST,
    URL_BODY,
    URL_START,
)
from backend_lambda.rewrite.css.values import decode, encode, map_value
from backend_lambda.rewrite.document import Document

_CONTEXT = LONGEST_FUNCTION + 2  # characters in front of a parenthesis that tell which function it opens
_LONGEST_ESCAPED = 10 * LONGEST_FUNCTION
_DEEPEST = 64
_MANY = 1024


class CssRewriter:
    """Incremental (see `Document`); holds back at most one unfinished token.

    kind: what edits are counted as, None: not at all
    """

    def __init__(self, document: Document, kind: str | None = "css") -> None:
        self.pending = ""
        self._map = document.map
        self._report = document.report
        self._kind = kind
        self._before = ""  # the last characters given out, as they came
        self._offset = 0  # of the text at hand, which begins with those, in the style sheet
        self._inside = ""  # which overlong token is passing, see REST_OF
        self._open: list[int] = []  # for each open function whose strings are URLs: parentheses open inside it
        self._enough = 0  # characters to have before an unfinished token is looked at again
        self._out: list[str] = []
        self._copied = 0

    def feed(self, text: str) -> str:
        """What can go out now."""
        pending = self.pending + text
        if len(pending) < self._enough:
            self.pending = pending
            return ""
        return self._run(pending, at_end=False)

    def close(self) -> str:
        """The rest; tokens that the end cuts short count as finished, as in browsers."""
        return self._run(self.pending, at_end=True)

    def _run(self, pending: str, *, at_end: bool) -> str:
        text = self._before + pending
        self._out, self._copied = [], len(self._before)
        end = self._scan(text, len(self._before), at_end=at_end)
        self._out.append(text[self._copied : end])
        begin = max(0, end - _CONTEXT)
        self._before = text[begin:end]
        self._offset += begin
        self.pending = text[end:]
        # To look at all of a long token again for every byte that a slow sender adds would take quadratic time.
        held = len(self.pending)
        self._enough = min(held * 9 // 8, LONGEST_TOKEN + 1) if held > _MANY else 0
        return "".join(self._out)

    def _scan(self, text: str, at: int, *, at_end: bool) -> int:
        """Find and map; the index from which on text must be held back."""
        size = len(text)
        while True:
            if self._inside:
                at = self._pass_rest(text, at)
                if self._inside:
                    return size if at_end else at
            match = (TRIGGER_IN_LIST if self._open else TRIGGER).search(text, at)
            if match is None:
                return size
            start, end = match.span()
            found = match.lastgroup or ""
            done = None if end == size and not at_end else self._token(found, text, start, end, at_end=at_end)
            if done is None and size - start <= LONGEST_TOKEN and not at_end:
                return start
            at = self._give_up(found, text, start, end) if done is None else done

    def _token(self, found: str, text: str, start: int, end: int, *, at_end: bool) -> int | None:
        """Handle a token; where to go on, None if it is too long or its end is not there yet."""
        if found in ("open", "close", "list"):
            self._parenthesis(found)
            return end
        if found == "url":
            return self._url(text, start, start, at_end=at_end)
        if end - start > LONGEST_TOKEN:
            return None
        if found == "escape":
            return end
        if found == "function":
            return self._escaped_function(text, start, end, at_end=at_end)
        if found == "at":
            return self._at_rule(text, start, end, at_end=at_end)
        if found == "comment":
            self._comment(text, start, end)
        elif self._open and not self._open[-1]:
            string = STRING.match(text, start)
            assert string is not None
            self._replace_inside(text, string)
        return end

    def _parenthesis(self, found: str) -> None:
        """Follow the nesting, from the first function on whose strings are URLs."""
        if found == "list" and len(self._open) < _DEEPEST:
            self._open.append(0)
        elif found == "close" and not self._open[-1]:
            self._open.pop()
        elif self._open:
            self._open[-1] += -1 if found == "close" else 1

    def _url(self, text: str, start: int, parenthesis: int, *, at_end: bool) -> int | None:
        """`url(`: a token of its own, but a function like others if its argument is a string."""
        begin = URL_START.match(text, parenthesis + 1)
        assert begin is not None
        match = (STRING if begin[1] else URL_BODY).match(text, begin.end())
        assert match is not None
        end = match.end()
        if (end == len(text) and not at_end) or end - start > LONGEST_TOKEN:
            return None
        if begin[1]:
            self._parenthesis("open")
        self._replace_inside(text, match)
        return end

    def _escaped_function(self, text: str, start: int, end: int, *, at_end: bool) -> int | None:
        """The name of a function from its first escape on, and the parenthesis (C7)."""
        name = ""
        if end - start <= _LONGEST_ESCAPED:
            before = NAME_BEFORE.search(text, max(0, start - _CONTEXT), start)
            name = ((before[0] if before else "") + decode(text[start : end - 1])).lower()
        if name == "url":
            return self._url(text, start, end - 1, at_end=at_end)
        self._parenthesis("list" if name in LIST_FUNCTIONS else "open")
        return end

    def _at_rule(self, text: str, start: int, end: int, *, at_end: bool) -> int | None:
        """The string of `@import` is a URL (C2), that of `@namespace` never."""
        name = decode(text[start + 1 : end][:_LONGEST_ESCAPED]).lower()
        if name not in ("import", "namespace"):
            return end
        limit = min(len(text), start + LONGEST_TOKEN + 1)
        match = (GAP if name == "import" else NAMESPACE).match(text, end, limit)
        assert match is not None
        if match.end() < limit and name == "import":
            string = STRING.match(text, match.end(), limit)
            if string is None:
                return match.end()
            if string.end() < limit:
                self._replace_inside(text, string)
            match = string
        if match.end() < limit:
            return match.end()
        if not at_end or limit < len(text) or len(text) - start > LONGEST_TOKEN:
            return None
        if match.re is STRING:
            self._replace_inside(text, match)
        return limit

    def _comment(self, text: str, start: int, end: int) -> None:
        match = SOURCE_MAP.match(text, start, end) if text.startswith("sourceMappingURL=", start + 4) else None
        if match is not None and "*/" not in (mapped := self._map(match[1])):
            self._put(text, *match.span(1), encode(mapped))

    def _replace_inside(self, text: str, match: re.Match[str]) -> None:
        """Map the first group of STRING or URL_BODY that matched, unless the token is spoiled."""
        if match.lastgroup is None:
            start, end = match.span(match.lastindex or 1)
            self._put(text, start, end, map_value(text[start:end], self._map))

    def _put(self, text: str, start: int, end: int, new: str) -> None:
        if new != text[start:end]:
            self._out += (text[self._copied : start], new)
            self._copied = end
            if self._kind is not None:
                self._report.count(self._kind)

    def _give_up(self, found: str, text: str, start: int, end: int) -> int:
        """A token is too long to be held back; where the rest of it begins, which passes as it is."""
        if found == "comment":
            self._inside = found
            return start + 2
        if found in ("double", "single"):
            self._inside = text[start]
            return start + 1
        if found in ("escape", "function", "at") and end - start > LONGEST_TOKEN:
            self._inside = "name"
            return start + (found == "at")
        if found == "at":  # long comments behind `@import`
            return end
        begin = URL_START.match(text, end, start + LONGEST_TOKEN + 1)
        assert begin is not None
        self._inside = begin[1] or "url"
        if begin[1]:
            self._parenthesis("open")
        return begin.end() + len(begin[1])

    def _pass_rest(self, text: str, at: int) -> int:
        match = REST_OF[self._inside].match(text, at)
        assert match is not None
        if match[1] is not None:
            self._inside = ""
        return match.end()


def rewrite_declarations(text: str, document: Document) -> str:
    """The value of a `style` or presentation attribute, entities decoded (H6, H18); counts nothing.

    Returns the same text if there is nothing to map.
    """
    if "(" not in text:
        return text  # in declarations, strings are URLs in functions only
    rewriter = CssRewriter(document, kind=None)
    return rewriter.feed(text) + rewriter.close()
