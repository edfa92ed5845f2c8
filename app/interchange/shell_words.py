"""The words of a command line as a POSIX shell or cmd.exe would see them: what browsers copy."""

from __future__ import annotations

import re

_ANSI = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_NUMBER = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")


class WordProblem(ValueError):
    """The quoting is wrong; the message says where."""


def posix_words(text: str) -> list[str]:
    """bash's rules: '…', "…", $'…', backslashes, continued lines. Raises WordProblem."""
    words: list[str] = []
    word: str | None = None
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            if word is not None:
                words.append(word)
                word = None
            at += 1
            continue
        if char == "\\" and text[at + 1 : at + 2] == "\n":
            at += 2
            continue
        if char == "\\" and text[at + 1 : at + 3] == "\r\n":
            at += 3
            continue
        if char in ";|&<>" and word is None:
            break  # what follows is another command
        piece, at = _posix_piece(text, at)
        word = (word or "") + piece
    if word is not None:
        words.append(word)
    return words


def cmd_words(text: str) -> list[str]:
    """cmd.exe's rules as browsers write them: carets, "…" with \\" or "" for a quote. Raises WordProblem."""
    text = re.sub(r"\^\r?\n\s*", " ", text)
    text = re.sub(r"\^(.)", r"\1", text, flags=re.DOTALL)
    words: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            word, at = (word or "") + text[at + 1], at + 2
            continue
        if char == '"':
            if quoted and text[at + 1 : at + 2] == '"':
                word, at = (word or "") + '"', at + 2
                continue
            quoted, word = not quoted, word or ""
        elif char.isspace() and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
        at += 1
    if quoted:
        raise WordProblem('a quote " is not closed')
    return [*words, word] if word is not None else words


def _posix_piece(text: str, at: int) -> tuple[str, int]:
    if text.startswith("$'", at):
        return _ansi_quoted(text, at + 2)
    char = text[at]
    if char == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise WordProblem(f"the quote ' at character {at + 1} is not closed")
        return text[at + 1 : end], end + 1
    if char == '"':
        return _double_quoted(text, at + 1)
    if char == "\\":
        return text[at + 1 : at + 2], at + 2
    return char, at + 1


def _double_quoted(text: str, at: int) -> tuple[str, int]:
    start = at
    pieces: list[str] = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(pieces), at + 1
        following = text[at + 1 : at + 2]
        if char == "\\" and following and following in '"\\$`':
            pieces.append(following)
            at += 2
        elif char == "\\" and following == "\n":
            at += 2
        else:
            pieces.append(char)
            at += 1
    raise WordProblem(f'the quote " at character {start} is not closed')


def _ansi_quoted(text: str, at: int) -> tuple[str, int]:
    start = at
    pieces: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "'":
            return "".join(pieces), at + 1
        if char != "\\" or at + 1 == len(text):
            pieces.append(char)
            at += 1
            continue
        following = text[at + 1]
        if following in _ANSI:
            pieces.append(_ANSI[following])
            at += 2
        elif (number := _NUMBER.match(text, at + 1)) is not None:
            digits = next(group for group in number.groups() if group)
            code = int(digits, 8 if number[4] else 16)
            # \xNN and \NNN are bytes, as they will be sent; \u names a character.
            pieces.append(
                chr(code) if number[2] or number[3] else bytes([code & 255]).decode("utf-8", "surrogateescape")
            )
            at = number.end()
        else:
            pieces.append(char + following)
            at += 2
    raise WordProblem(f"the quote $' at character {start - 1} is not closed")
