"""URLs in the string literals of scripts and JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.string_literals import encode_literal, map_literal


def below(url: str) -> str:
    """A stand-in for the real mapping: in front of a path, or instead of an origin."""
    if url.startswith("http://U/"):
        return "/P" + url.removeprefix("http://U")
    return "/P" + url if url.startswith("/") else url


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("/x", "/P/x"), ("x", "x"), ("", ""), (r"\/x\/y", r"/P\/x\/y"), (r"\u002fx", r"/P\u002fx"),
     (r"\x2fx\x2f", r"/P\x2fx\x2f"), (r"\u{2f}x", r"/P\u{2f}x"), (r"\57x", r"/P\57x"), ("\\\n/x", "/P\\\n/x"),
     (r"http:\/\/U\/x\/y", r"/P\/x\/y"), (r"http://U/\u00e9", r"/P/\u00e9"), (r"/\"\\\n\t\b", r"/P/\"\\\n\t\b"),
     ("/\xc3\xa9", "/P/\xc3\xa9"), ("http://U/\xc3\xa9", "/P/\xc3\xa9"), ("/x\\", "/P/x\\"),
     (r"/\ud83d\ude00", r"/P/\ud83d\ude00"), (r"\u{110000}", r"\u{110000}"), ("/\U000f002f", "/\U000f002f")]
)  # fmt: skip
def test_escapes_stay_in_what_stays(raw: str, expected: str) -> None:
    assert map_literal(raw, below) == expected


@pytest.mark.parametrize(
    ("raw", "mapped", "expected"),
    [
        pytest.param("x", "\"'`$\\\n</x", r"\u0022\u0027\u0060\u0024\u005c\u000a\u003c/x", id="quotes"),
        pytest.param("x", "\xe9\U0001f600/x", r"\u00e9\ud83d\ude00/x", id="beyond-ascii"),
        pytest.param("\xe9/./x", "/P/\xe9/x", "/P/\xe9/x", id="bytes-that-were-there"),
        pytest.param(r"\u00e9/./x", "/P/\U000f00e9/x", r"/P/\u00e9/x", id="escapes-that-were-there"),
        pytest.param(r"\u{1f600}/./x", "/P/\U000fd83d\U000fde00/x", r"/P/\ud83d\ude00/x", id="astral-that-were-there"),
    ],
)
def test_new_text_is_written_in_ascii(raw: str, mapped: str, expected: str) -> None:
    assert map_literal(raw, lambda url: mapped) == expected


@given(st.text())
def test_what_is_encoded_means_itself(text: str) -> None:
    encoded = encode_literal(text.translate({code: None for code in range(0xF0000, 0x100000)}))
    assert encoded.isascii()
    assert json.loads(f'"{encoded}"') == text.translate({code: None for code in range(0xF0000, 0x100000)})


@given(st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xEFFFF)), st.booleans())
def test_mapping_the_literal_is_mapping_its_value(text: str, ascii_only: bool) -> None:
    raw = json.dumps("/" + text, ensure_ascii=ascii_only)[1:-1]
    out = map_literal(raw, below)
    assert json.loads(f'"{out}"', strict=False) == "/P/" + text
    assert out == "/P" + raw


@given(st.text(st.sampled_from("\\u0x{}/P12fe9\n'\"`\xe9") | st.characters()))
def test_arbitrary_literals_never_raise(raw: str) -> None:
    assert map_literal(raw, lambda url: url) == raw
    assert map_literal(raw, lambda url: "/P/" + url).endswith(raw)
