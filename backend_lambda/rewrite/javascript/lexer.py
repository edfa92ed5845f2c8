"""What in a script is code and what only looks like it: a lexer for the few tokens that matter here.

It never fails: what cannot be told without a parser is guessed, what is unfinished goes on to the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backend_lambda.rewrite.javascript.grammar import (
    BLANK,
    HASHBANG,
    HTML_CLOSE,
    HTML_CLOSE_FIRST,
    LINE_REST,
    REGEX,
    TEMPLATE,
    TRIGGER,
    TRIGGER_IN_SCRIPT,
)
from backend_lambda.rewrite.javascript.operands import (
    begins_block,
    expects_operand,
    follows_head,
    follows_source_word,
    has_line_break,
)

WORDS = frozenset({"import", "export", "await"})
_MOST_UNCLOSED = 16  # regular expressions without an end that are looked for on one line, which may be long


class Token(NamedTuple):
    """kind: `comment`, `string`, `template`, `regex`, or one of the words
    start, end: where it stands in the text; of a template, each part between substitutions is a token
    depth: how many brackets, other than square ones, are open around it
    """

    kind: str
    start: int
    end: int
    depth: int


class Lexer:
    """Goes through one script, once.

    is_module: there are no HTML-like comments
    """

    def __init__(self, text: str, *, is_module: bool = False) -> None:
        self.has_html_comments = False
        self._text = text
        self._is_module = is_module
        self._comments: dict[int, int] = {}  # end of a comment → where it, or the first of several in a row, begins
        self._open: list[int] = []  # where brackets were opened; of substitutions in templates the complement
        self._opened = 0  # where the bracket that was closed last was opened
        self._string = 0  # where the last string began
        self._regex_end = -1
        self._unclosed = 0
        self._unclosed_until = 0

    def end_before(self, at: int) -> int:
        """Where the last token in front of that place ends, 0 if there is none; comments are none.

        at: the start of a token that has been reached
        """
        end = self._skip_blank(at)
        comment = self._comments.get(end)
        return end if comment is None else self._skip_blank(comment)

    def tokens(self) -> Iterator[Token]:
        """Comments, literals and the words that modules are made of, in order."""
        text, opened = self._text, self._open
        finditer = (TRIGGER if self._is_module else TRIGGER_IN_SCRIPT).finditer
        at = self._hashbang()
        if at:
            yield Token("comment", 0, at, 0)
        while True:
            for match in finditer(text, at):
                found = match.lastgroup
                if found == "parenthesis" or found == "brace":
                    opened.append(match.start())
                elif found == "parenthesis_end":
                    is_matched = opened and opened[-1] >= 0 and text[opened[-1]] == "("
                    self._opened = opened.pop() if is_matched else 0
                elif found == "brace_end":
                    if self._close_brace():
                        token = self._template(match.end())
                        break
                elif found == "double" or found == "single":
                    self._string = match.start()
                    yield Token("string", self._string, match.end(), len(opened))
                elif found == "slash":
                    end = self._regex(match.start())
                    if end:
                        token = Token("regex", match.start(), end, len(opened))
                        break
                elif found == "template":
                    token = self._template(match.end())
                    break
                elif found in WORDS:
                    yield Token(found, *match.span(), len(opened))
                else:
                    token = self._comment(found, *match.span())
                    if token.end != match.end():
                        break
                    yield token
            else:
                return
            yield token
            at = token.end

    def _hashbang(self) -> int:
        """Where the script begins; what is in front counts as a comment."""
        match = HASHBANG.match(self._text)
        assert match is not None
        end = match.end()
        if not self._is_module:
            close = HTML_CLOSE_FIRST.match(self._text, end)
            if close is not None:
                self.has_html_comments = True
                end = close.end()
        self._comments[end] = 0
        return end

    def _comment(self, found: str | None, start: int, end: int) -> Token:
        text = self._text
        if found == "block_comment" and not self._is_module and has_line_break(text, start, end):
            close = HTML_CLOSE.match(text, end)
            if close is not None:
                found, end = "html_close", close.end()
        if found not in ("line_comment", "block_comment"):
            self.has_html_comments = True
        before = self._skip_blank(start)
        self._comments[end] = self._comments.get(before, start)
        return Token("comment", start, end, len(self._open))

    def _close_brace(self) -> bool:
        """Whether a substitution ends here, and its template goes on."""
        opened = self._open
        while opened:
            start = opened.pop()
            if start < 0:
                return True
            if self._text[start] == "{":
                self._opened = start
                return False
        self._opened = 0
        return False

    def _template(self, start: int) -> Token:
        """The part of a template that begins behind this backtick or brace."""
        match = TEMPLATE.match(self._text, start)
        assert match is not None
        end = match.end()
        depth = len(self._open)
        if self._text.startswith("${", end - 2):
            self._open.append(~end)
        return Token("template", start - 1, end, depth)

    def _regex(self, start: int) -> int:
        """Where the regular expression ends that begins here; 0 if it is a division."""
        text = self._text
        same_line = start < self._unclosed_until
        if (same_line and self._unclosed >= _MOST_UNCLOSED) or not self._expects_operand(start):
            return 0
        match = REGEX.match(text, start)
        if match is not None:
            self._regex_end = match.end()
            return self._regex_end
        self._unclosed = self._unclosed + 1 if same_line else 1
        line = LINE_REST.match(text, start)
        assert line is not None
        self._unclosed_until = line.end()
        return 0

    def _expects_operand(self, at: int) -> bool:
        """Whether what begins here is a value; else it is an operator."""
        text = self._text
        end = self.end_before(at)
        last = text[end - 1 : end]
        if last == ")":
            return follows_head(text, self.end_before(self._opened))
        if last == "}":
            return begins_block(text, self.end_before(self._opened))
        if last == '"' or last == "'":
            return follows_source_word(text, self.end_before(self._string))
        return end != self._regex_end and expects_operand(text, end)

    def _skip_blank(self, at: int) -> int:
        text = self._text
        while at and text[at - 1] in BLANK:
            at -= 1
        return at
