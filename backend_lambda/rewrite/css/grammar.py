"""The tokens of CSS Syntax Level 3 that decide where a URL stands, as regular expressions that never backtrack.

Each matches up to the end of the text if the token is not finished there; whoever has no more text takes that for the
token, as browsers do at the end of a style sheet.
"""

from __future__ import annotations

import re

LONGEST_TOKEN = 65_536  # characters; a longer one passes as it is, so that it need not be held back

# Functions whose own strings are URLs: CSS Values 4 and 5, CSS Images 4.
LIST_FUNCTIONS = frozenset({"src", "image", "image-set", "-webkit-image-set"})
LONGEST_FUNCTION = max(map(len, LIST_FUNCTIONS))

# Letters, digits, `-`, `_` and everything from 0x80 on, whatever the charset makes of it.
_NAME = r"[^\x00-,./:-@\[-\^`{-\x7f]"
_BLANK = r"[ \t\n\r\f]"
_HEX = rf"[0-9A-Fa-f]{{1,6}}+(?:\r\n|{_BLANK}|\Z)?+"
_ESCAPE = rf"\\(?:{_HEX}|[^\n\r\f0-9A-Fa-f]|\Z)"
_COMMENT_REST = r"[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)"
_GAP = rf"(?:{_BLANK}++|/(?:\*{_COMMENT_REST}|\Z))*+"
_DOUBLE = r"(?:[^\"\\\n\r\f]++|\\(?:\r\n|[\s\S]|\Z))*+"
_SINGLE = r"(?:[^'\\\n\r\f]++|\\(?:\r\n|[\s\S]|\Z))*+"
_STRING = rf"(?:\"{_DOUBLE}\"?|'{_SINGLE}'?)"
_NAME_REST = rf"(?:{_NAME}++|{_ESCAPE})*+"
_URL_REST = r"(?:[^)\\]++|\\[\s\S]?+)*+\)?"


def _any_case(name: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in name)


def _opens(name: str) -> str:
    """Behind a parenthesis: it opens the function of that name."""
    spelt = _any_case(name)
    return rf"(?<={spelt}\()(?<![#@\\]{spelt}\()(?<!{_NAME}{spelt}\()"


def _trigger(*more: str) -> re.Pattern[str]:
    """The group that matched, an empty one, says what was found. Every alternative begins with a literal character,
    so that `re` skips over all other text at once."""
    return re.compile(
        "|".join(
            (
                rf"/(?:\*{_COMMENT_REST}|\Z)(?P<comment>)",
                rf"\"{_DOUBLE}\"?(?P<double>)",
                rf"'{_SINGLE}'?(?P<single>)",
                rf"\({_opens('url')}(?P<url>)",
                rf"\((?:{'|'.join(map(_opens, sorted(LIST_FUNCTIONS)))})(?P<list>)",
                rf"\\(?:{_HEX}|[^\n\r\f0-9A-Fa-f]|\Z){_NAME_REST}(?:\((?P<function>)|(?P<escape>))",
                rf"@{_NAME_REST}(?P<at>)",
                *more,
            )
        )
    )


TRIGGER = _trigger()
TRIGGER_IN_LIST = _trigger(r"\((?P<open>)", r"\)(?P<close>)")

# A line break spoils a string.
STRING = re.compile(rf"\"({_DOUBLE})(?:\"|\Z|(?P<spoiled>))|'({_SINGLE})(?:'|\Z|(?P<spoiled2>))")
URL_START = re.compile(rf"{_BLANK}*+(?=([\"']?))")
# What no URL token may hold spoils it up to the next parenthesis.
URL_BODY = re.compile(rf"((?:[^\"'()\\\x00-\x20\x7f]++|{_ESCAPE})*+){_BLANK}*+(?:\)|\Z|(?P<spoiled>{_URL_REST}))")
GAP = re.compile(_GAP)
# What `@namespace` introduces is an identifier, not an address (C3).
NAMESPACE = re.compile(
    rf"{_GAP}(?:(?!{_any_case('url')}\(){_NAME_REST}{_GAP})?+"
    rf"(?:{_STRING}|{_any_case('url')}\((?:{_BLANK}*+{_STRING})?+{_URL_REST}|{_NAME}++\Z)?+"
)
SOURCE_MAP = re.compile(r"/\*[#@][ \t]++sourceMappingURL=([^\s*'\"\\]++)[ \t]*+\*/")
NAME_BEFORE = re.compile(rf"{_NAME}*+\Z")

_WHOLE_ESCAPE = (
    r"\\(?:[^\n\r\f0-9A-Fa-f]|"
    r"(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{1,5}+(?=[\s\S]))(?:\r\n|\r(?=[^\n])|[ \t\n\f]|(?=[^ \t\n\r\f])))"
)
# What is left of a token that grew too long. Group 1: its end was found; else it can be cut where the match ends.
REST_OF: dict[str, re.Pattern[str]] = {
    "comment": re.compile(r"[^*]*+(?:\*(?!/|\Z)[^*]*+)*+(\*/)?"),
    '"': re.compile(r"(?:[^\"\\\n\r\f]++|\\(?:\r\n|\r(?=[^\n])|[^\r]))*+([\"\n\r\f])?"),
    "'": re.compile(r"(?:[^'\\\n\r\f]++|\\(?:\r\n|\r(?=[^\n])|[^\r]))*+(['\n\r\f])?"),
    "url": re.compile(r"(?:[^)\\]++|\\[\s\S])*+(\))?"),
    "name": re.compile(rf"(?:{_NAME}++|{_WHOLE_ESCAPE})*+(?=(\\[\n\r\f]|[^\\]))?"),
}
