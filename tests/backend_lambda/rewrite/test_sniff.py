"""What the first bytes of a body show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.sniff import is_binary, is_html


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        pytest.param(b"<!DOCTYPE HTML>", True, id="H30-doctype"),
        pytest.param(b"\n\t <html lang=en>", True, id="H30-white-space"),
        pytest.param(b"\xef\xbb\xbf<head>", True, id="H30-byte-order-mark"),
        pytest.param(b"<!-- a comment", True, id="H30-comment"),
        pytest.param(b"<p class=x>", True, id="H30-paragraph"),
        pytest.param(b"<header>", False, id="H30-name-alike"),
        pytest.param(b"<?xml version='1.0'?><html>", False, id="H30-xml"),
        pytest.param(b"hello <html>", False, id="H30-text"),
        pytest.param(b'{"a":"<html>"}', False, id="H30-json"),
        pytest.param(b"", False, id="H30-nothing"),
    ],
)
def test_html_without_a_content_type(beginning: bytes, expected: bool) -> None:
    assert is_html(beginning) is expected


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", True, id="H28-picture"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF", True, id="H28-photograph"),
        pytest.param(b"PK\x03\x04\x14\0", True, id="H28-archive"),
        pytest.param(b"\0asm\x01\0\0\0", True, id="H28-program"),
        pytest.param(b"<html>  \0", False, id="H28-nul-further-on"),
        pytest.param(b"\x1b$B<p>", False, id="H28-escape"),
        pytest.param("<p>ä".encode(), False, id="H28-text"),
        pytest.param("日本".encode("shift_jis"), False, id="H28-two-bytes"),
        pytest.param(b"", False, id="H28-nothing"),
    ],
)
def test_binary_data_in_disguise(beginning: bytes, expected: bool) -> None:
    assert is_binary(beginning) is expected


@given(st.binary())
def test_any_beginning_is_judged(beginning: bytes) -> None:
    assert is_html(beginning) in (True, False)
    assert is_binary(beginning) in (True, False)
