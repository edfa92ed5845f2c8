"""The tokens of ECMAScript as regular expressions that never backtrack over what they have passed.

Each matches up to the end of the text if the token is not finished there. Bytes from 0x80 on count as letters, since in
the latin-1 view they are parts of characters.
"""

from __future__ import annotations

import re

BLANK = " \t\n\v\f\r\ufeff\u2028\u2029"

_LETTER = r"\w$\\\x80-\U0010ffff"
_LINE_REST = r"[^\n\r\u2028\u2029\xe2]*+(?:\xe2(?!\x80[\xa8\xa9])[^\n\r\u2028\u2029\xe2]*+)*+"
_BLOCK_REST = r"[^*]*+(?:\*(?!/)[^*]*+)*+"
_DOUBLE = r"(?:[^\"\\\n\r]++|\\(?:\r\n|[\s\S]|\Z))*+"
_SINGLE = r"(?:[^'\\\n\r]++|\\(?:\r\n|[\s\S]|\Z))*+"
_SHORT_COMMENTS = r"(?:[ \t\v\f]++|/\*[^*\n\r]*+(?:\*(?!/)[^*\n\r]*+)*+\*/)*+"  # on one line
_HTML_CLOSE = rf"{_SHORT_COMMENTS}-->{_LINE_REST}"
_NO_SUBSTITUTION = r"(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+"

IDENTIFIER = rf"[{_LETTER}]++"
BLOCK_COMMENT = rf"/\*{_BLOCK_REST}\*/"
LINE_COMMENT = rf"//{_LINE_REST}"
_BETWEEN = rf"[{BLANK}\xa0]++|\xc2\xa0|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf|{LINE_COMMENT}|{BLOCK_COMMENT}"
GAP = rf"(?:{_BETWEEN})*+"
STRING = rf"(?:\"{_DOUBLE}\"|'{_SINGLE}')"
NO_LETTER = rf"(?![{_LETTER}])"
_INSIDE = rf"\"(?P<double>{_DOUBLE})\"|'(?P<single>{_SINGLE})'"
STRING_INSIDE = rf"(?:{_INSIDE})"
LITERAL_INSIDE = rf"(?:{_INSIDE}|`(?P<template>{_NO_SUBSTITUTION})`)"


def _word(name: str) -> str:
    return rf"{name[0]}(?<![{_LETTER}]{name[0]}){name[1:]}(?![{_LETTER}])(?P<{name}>)"


def _trigger(*more: str) -> re.Pattern[str]:
    """The group that matched, an empty one, says what was found. Every alternative begins with a literal character,
    so that `re` skips over all other text at once."""
    return re.compile(
        "|".join(
            (
                r"\((?P<parenthesis>)",
                r"\)(?P<parenthesis_end>)",
                r"\{(?P<brace>)",
                r"\}(?P<brace_end>)",
                rf"\"{_DOUBLE}\"?(?P<double>)",
                rf"'{_SINGLE}'?(?P<single>)",
                r"`(?P<template>)",
                rf"{LINE_COMMENT}(?P<line_comment>)",
                rf"/\*{_BLOCK_REST}(?:\*/)?(?P<block_comment>)",
                r"/(?P<slash>)",
                *map(_word, ("import", "export", "await")),
                *more,
            )
        ),
        re.ASCII,
    )


TRIGGER = _trigger()
# ECMAScript, annex B.1.1: in scripts, not in modules, `<!--` and, where a line begins, `-->` are comments as well.
TRIGGER_IN_SCRIPT = _trigger(
    rf"<!--{_LINE_REST}(?P<html_comment>)", rf"\n{_HTML_CLOSE}(?P<html_close>)", rf"\r{_HTML_CLOSE}(?P<html_close2>)"
)
HTML_CLOSE = re.compile(_HTML_CLOSE)
HTML_CLOSE_FIRST = re.compile(rf"(?:[{BLANK}]++|{BLOCK_COMMENT})*+-->{_LINE_REST}")
HASHBANG = re.compile(rf"(?:\xef\xbb\xbf|\ufeff)?+(?:#!{_LINE_REST})?+")
LINE_REST = re.compile(_LINE_REST)
# What stands between two tokens.
TRIVIA = re.compile(GAP)
TRIVIA_IN_SCRIPT = re.compile(rf"(?:{_BETWEEN}|(?:<!--|-->){_LINE_REST})*+")
# From behind the backtick, or behind the brace that ends a substitution, to the next one or to the end.
TEMPLATE = re.compile(rf"{_NO_SUBSTITUTION}(?:`|\$\{{|\\?\Z)")
REGEX = re.compile(r"/(?:[^/\\\[\n\r]++|\\[^\n\r]|\[(?:[^\]\\\n\r]++|\\[^\n\r])*+\])++/[\w$]*+", re.ASCII)
