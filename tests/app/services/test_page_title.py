"""Titles as they come: entities, white space, encodings, length, and what must not count as one."""

from __future__ import annotations

import codecs

import pytest

from app.services.page_title import MAX_TITLE, page_title


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        pytest.param(b"<title>My shop</title>", "text/html", "My shop", id="plain"),
        pytest.param(
            b"<TITLE lang=en>\n  My\t shop\r\n</TITLE >", "text/html", "My shop", id="white space, attributes"
        ),
        pytest.param(b"<title>A &amp; B &#8211; &eacute;</title>", "text/html", "A & B – é", id="entities"),
        pytest.param("<title>Läden</title>".encode(), "text/html", "Läden", id="UTF-8 by default"),
        pytest.param("<title>Läden</title>".encode("cp1252"), "text/html; charset=iso-8859-1", "Läden", id="header"),
        pytest.param("<title>“x”</title>".encode("cp1252"), "text/html; charset=latin1", "“x”", id="latin1 is cp1252"),
        pytest.param(
            '<meta charset="shift_jis"><title>店</title>'.encode("shift_jis"), "text/html", "店", id="meta charset"
        ),
        pytest.param(
            '<meta http-equiv=content-type content="text/html; charset=euc-kr"><title>가게</title>'.encode("euc-kr"),
            "text/html",
            "가게",
            id="meta http-equiv",
        ),
        pytest.param(codecs.BOM_UTF16_LE + "<title>店</title>".encode("utf-16-le"), "", "店", id="UTF-16 mark"),
        pytest.param(b"<title>x</title>", "text/html; charset=no-such", "x", id="unknown charset"),
        pytest.param(b"<title>x</title>", "text/html; charset=base64", "x", id="a codec that is no charset"),
        pytest.param(b"<!-- <title>old</title> --><title>new</title>", "text/html", "new", id="comment"),
        pytest.param(b"<title>a\xe2\x80\xaeb\x07c</title>", "text/html", "abc", id="bidi and control characters"),
        pytest.param(b"<title>broken \xff</title>", "text/html", "broken �", id="broken bytes"),
        pytest.param(b"<title>cut off", "text/html", "", id="cut"),
        pytest.param(b"<p>none</p>", "text/html", "", id="none"),
        pytest.param(b'{"a":"<title>x</title>"}', "application/json", "", id="not a page"),
    ],
)
def test_title_of_a_page(body: bytes, content_type: str, title: str) -> None:
    assert page_title(body, content_type) == title


def test_a_long_title_is_shortened_visibly() -> None:
    title = page_title(b"<title>" + b"word " * 50 + b"</title>", "text/html")
    assert len(title) <= MAX_TITLE
    assert title.endswith("word…")
