"""The tokeniser against html5lib-tests: tags, attributes, comments and text as the HTML standard has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from backend_lambda.rewrite.html.entities import Decoded
from backend_lambda.rewrite.html.grammar import ATTRIBUTE
from backend_lambda.rewrite.html.tokenizer import Tokenizer

VENDOR = Path(__file__).parent / "vendor" / "html5lib"
_MODES = {
    "Data state": "data",
    "PLAINTEXT state": "plaintext",
    "RCDATA state": "raw",
    "RAWTEXT state": "raw",
    "Script data state": "script",
    "CDATA section state": "cdata",
}
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Listener(Tokenizer):
    """Writes down what it is told, in the form of html5lib-tests."""

    def __init__(self, initial: str = "Data state", last_start_tag: str = "") -> None:
        super().__init__()
        self.mode = _MODES[initial]  # type: ignore[assignment]
        self.raw_name = last_start_tag or ("script" if initial == "Script data state" else "none")
        self.tokens: list[list[Any]] = []
        self.decodes_text = initial in ("Data state", "RCDATA state")
        self._held = ""

    def feed(self, text: str, *, at_end: bool = False) -> None:
        text = self._held + text
        self._held = text[self.tokenize(text, at_end=at_end) :]

    def start_tag(self, text, match) -> None:
        start, end = match.span("attributes")
        attributes: dict[str, str] = {}
        last = start
        for found in ATTRIBUTE.finditer(text, start, end):
            last = found.end()
            group = found.lastindex
            raw = found[group] if group > 1 else ""
            attributes.setdefault(_name(found[1]), _value(raw))
        token: list[Any] = ["StartTag", _name(match["name"]), attributes]
        if last < end and text[end - 1] == "/":
            token.append(True)
        self.tokens.append(token)

    def end_tag(self, text, match) -> None:
        self.tokens.append(["EndTag", _name(match["end_name"])])

    def characters(self, text, start, end) -> None:
        self._characters(text[start:end])

    def raw_text(self, text, start, end, *, complete) -> int:
        if start < end:
            self._characters(text[start:end])
        return end

    def comment(self, text, start, end) -> None:
        token = text[start:end]
        if token == "<!--":  # the end of the input is the end of the comment
            data = re.sub(r"(?:--!|--?)\Z", "", text[end:])
        else:
            data = re.sub(r"-?>\Z|--!?>\Z", "", token[4:]) if len(token) < 7 else re.sub(r"--!?>\Z", "", token[4:])
        self.tokens.append(["Comment", data.replace("\0", "\ufffd")])

    def declaration(self, text, start, end) -> None:
        token = text[start:end]
        if token[:9].upper() == "<!DOCTYPE":
            self.tokens.append(["DOCTYPE"])
        elif token != "</>":
            data = token[1 if token[1] == "?" else 2 :].removesuffix(">")
            self.tokens.append(["Comment", data.replace("\0", "\ufffd")])

    def _characters(self, text: str) -> None:
        if self.tokens and self.tokens[-1][0] == "Character":
            self.tokens[-1][1] += text
        else:
            self.tokens.append(["Character", text])


def _name(text: str) -> str:
    return text.translate(_LOWER).replace("\0", "\ufffd")


def _value(raw: str) -> str:
    decoded = Decoded(raw)
    # Placeholders stand for references that are not ASCII; what they mean is of no interest but to this comparison.
    return re.sub("[\U000f0000-\U000fffff]", lambda match: unescape(decoded.reference(match)), decoded.value).replace(
        "\0", "\ufffd"
    )


def _cases() -> Iterator[Any]:
    for path in sorted(VENDOR.glob("*.test")):
        for number, case in enumerate(json.loads(path.read_text("utf-8"))["tests"]):
            for state in case.get("initialStates", ["Data state"]):
                if state == "Script data state" and case.get("lastStartTag", "script") != "script":
                    continue  # no element but `<script>` has such content
                yield pytest.param(case, state, id=f"{path.stem}-{number}-{_MODES[state]}")


def _given(case: dict[str, Any]) -> tuple[str, list[list[Any]]]:
    text, output = case["input"], case["output"]
    if case.get("doubleEscaped"):
        text, output = _unescape(text), _unescape(output)
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # browsers do so before they tokenise
    return text, output


def _unescape(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, list):
        return [_unescape(part) for part in value]
    if isinstance(value, dict):
        return {_unescape(key): _unescape(part) for key, part in value.items()}
    return value


def _comparable(tokens: list[list[Any]], *, text: bool) -> list[list[Any]]:
    """Text that holds references is not compared: nothing here decodes text. Doctypes end at the first `>`."""
    out: list[list[Any]] = []
    for token in tokens:
        match token[0]:
            case "DOCTYPE":
                out.append(["DOCTYPE"])
            case "Character" if not text:
                pass
            case "Character" if out and out[-1][0] == "Character":
                out[-1][1] += token[1].replace("\0", "\ufffd")
            case "Character":
                out.append(["Character", token[1].replace("\0", "\ufffd")])
            case _:
                out.append(token)
    return out


@pytest.mark.parametrize(("case", "state"), list(_cases()))
def test_tokens_are_those_of_the_standard(case, state):
    text, expected = _given(case)
    listener = Listener(state, case.get("lastStartTag", ""))
    listener.feed(text, at_end=True)
    has_references = "&" in text
    assert _comparable(listener.tokens, text=not has_references) == _comparable(expected, text=not has_references)


@pytest.mark.parametrize(("case", "state"), list(_cases()))
def test_tokens_do_not_depend_on_how_the_text_is_cut(case, state):
    text, _ = _given(case)
    whole, pieces = (Listener(state, case.get("lastStartTag", "")) for _ in range(2))
    whole.feed(text, at_end=True)
    for character in text:
        pieces.feed(character)
    pieces.feed("", at_end=True)
    # A long comment is told when it begins.
    assert [t for t in pieces.tokens if t[0] != "Comment"] == [t for t in whole.tokens if t[0] != "Comment"]
