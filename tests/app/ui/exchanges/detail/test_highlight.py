from __future__ import annotations

import pytest

from app.ui.exchanges.detail.highlight import spans
from app.ui.theme import LIGHT
from app.viewmodels.body_text import Language

NAMES = {
    LIGHT.redirect.name(): "key",
    LIGHT.ok.name(): "string",
    LIGHT.websocket.name(): "number",
    LIGHT.client_error.name(): "word",
    LIGHT.muted.name(): "muted",
}


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ('  "a\\"b": "c",', "json", ["key", "string"]),
        ('  "a": -1.5e3,', "json", ["key", "number"]),
        ("true null", "json", ["word", "word"]),
        ('"cut off', "json", ["string"]),
        (
            "<a href=\"x\" b='y'>t&amp;</a>",
            "markup",
            ["key", "word", "string", "word", "string", "key", "number", "key", "key"],
        ),
        ("<!-- <a> -->", "markup", ["muted"]),
        ("name = a = b", "form", ["key", "muted"]),
        ('"a": 1', "plain", []),
    ],
)
def test_tokens(line: str, language: Language, expected: list[str]) -> None:
    found = [NAMES[colour.name()] for _, _, colour in spans(line, language, continues=False, now=LIGHT)]
    assert found[: len(expected)] == expected


def test_the_rest_of_a_split_string_is_a_string() -> None:
    found = list(spans('abc \\" 12", 3', "json", continues=True, now=LIGHT))
    assert [(start, length, NAMES[colour.name()]) for start, length, colour in found] == [
        (0, 10, "string"),
        (12, 1, "number"),
    ]
