"""Value or operator? Whether `/` begins a regular expression or divides, judged by what stands in front of it."""

from __future__ import annotations

import re

_AT_MOST = 16  # characters to look back for a word
_LETTER = re.compile(r"[\w$\x80-\U0010ffff]", re.ASCII)
_NO_PROPERTY = r"(?:(?<![\w$\\#.\x80-\U0010ffff])|(?<=\.\.\.))"


def _last_word(*words: str) -> re.Pattern[str]:
    return re.compile(rf"{_NO_PROPERTY}(?:{'|'.join(words)})\Z", re.ASCII)


# Behind these comes a value, and a brace begins an object.
_BEFORE_VALUE = _last_word(
    "await", "case", "default", "delete", "extends", "in", "instanceof", "new", "of", "return", "throw", "typeof",
    "void", "yield",
)  # fmt: skip
_BEFORE_STATEMENT = _last_word("do", "else")
_BEFORE_SOURCE = _last_word("from", "import")
_FOR = _last_word("for")
_BEFORE_HEAD = _last_word("if", "while", "for", "with", r"for\s+await")


def expects_operand(text: str, end: int) -> bool:
    """Whether a value follows what ends there, which is no string and no closing parenthesis or brace."""
    last = text[end - 1 : end]
    if last in ("]", "`"):
        return False
    if last in ("+", "-"):
        return text[end - 2 : end] != last * 2
    if last == ".":
        return not text[max(0, end - 2)].isdigit()
    return not _LETTER.match(last) or _ends_with(_BEFORE_VALUE, text, end) or _ends_with(_BEFORE_STATEMENT, text, end)


def follows_head(text: str, end: int) -> bool:
    """Whether a parenthesis opened behind this is the head of a statement, so that a statement follows it."""
    return _ends_with(_BEFORE_HEAD, text, end)


def follows_source_word(text: str, end: int) -> bool:
    """Whether a string behind this says where to import from, so that a statement follows it."""
    return _ends_with(_BEFORE_SOURCE, text, end)


def begins_block(text: str, end: int) -> bool:
    """Whether a brace opened behind this begins a block or body, so that a statement follows it."""
    last = text[end - 1 : end]
    if not last or last in ";:{}()]\"'`":
        return last != "("
    if last == ">":
        return text[max(0, end - 2) : end] == "=>"
    return bool(_LETTER.match(last)) and not _ends_with(_BEFORE_VALUE, text, end)


def begins_statement(text: str, end: int, start: int) -> bool:
    """Whether what begins at `start`, behind what ends at `end`, is certainly a statement of its own."""
    last = text[end - 1 : end]
    if not last or last in ";})":
        return True
    if not has_line_break(text, end, start):
        return False
    if last in "+-":
        return text[end - 2 : end] == last * 2
    return last in "]\"'`/" or (bool(_LETTER.match(last)) and not _ends_with(_BEFORE_VALUE, text, end))


def has_line_break(text: str, start: int, end: int) -> bool:
    """Whether what stands there extends over more than one line."""
    return text.find("\n", start, end) >= 0 or text.find("\r", start, end) >= 0


def follows_member_access(text: str, end: int) -> bool:
    """Whether a dot or `#` ends there, so that any word names a property; three dots spread a value."""
    return text[end - 1 : end] == "#" or (text[end - 1 : end] == "." and text[max(0, end - 3) : end] != "...")


def follows_for(text: str, end: int) -> bool:
    """Whether it is the word `for` that ends there."""
    return _ends_with(_FOR, text, end)


def _ends_with(words: re.Pattern[str], text: str, end: int) -> bool:
    return words.search(text[max(0, end - _AT_MOST) : end]) is not None
