"""Bodies as text and back (H25): every byte survives, and nothing looks like markup or CSS that is none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.charsets import Charset
from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.rewriter import HtmlRewriter

_KINDS = ("html", "xhtml", "svg", "xml", "css", "manifest", "playlist", "worker")


def view(kind: str, content_type: str | None, pieces: list[bytes]) -> tuple[Charset, str, bytes]:
    """(the charset, all its text, the same as bytes)."""
    charset = Charset(kind, content_type)
    texts = [charset.feed(piece) for piece in pieces]
    data = b"".join(map(charset.encode, texts))
    last = charset.close()
    return charset, "".join(texts) + last, data + charset.encode(last)


@pytest.mark.parametrize(
    ("kind", "content_type", "data", "text"),
    [
        pytest.param("html", "text/html; charset=utf-8", "é\\".encode(), "\xc3\xa9\\", id="H25-bytes"),
        pytest.param("html", "a; charset=windows-1252", b"\x80\x81\xff", "\x80\x81\xff", id="H25-invalid-bytes"),
        pytest.param("html", None, b"<p>\xe9", "<p>\xe9", id="H25-undeclared"),
        pytest.param("html", "text/html; charset=utf-16be", "<é😀".encode("utf-16-be"), "<é😀", id="H25-utf-16"),
        pytest.param("css", "text/css; charset=utf-8", "é".encode("utf-16"), "\ufeffé", id="H25-mark-before-header"),
        pytest.param("html", "a; charset=utf-16", b"\xef\xbb\xbf<p>", "\xef\xbb\xbf<p>", id="H25-utf-8-mark"),
        pytest.param("html", "a; charset=utf-16", b"\x3d\xd8<\0\0\xdc\0", "\ud83d<\udc00", id="H25-lone-surrogates"),
        pytest.param("html", None, b"<meta charset=sjis>\x95\\", "<meta charset=sjis>\x95\uf75c", id="H25-meta"),
        pytest.param("css", "a; charset=gbk", b"\x81@\x81\x81\\\xfe\\", "\x81\uf740\x81\x81\\\xfe\uf75c", id="H25-gbk"),
        pytest.param("css", "a; charset=euc-jp", b"\x8f\xb0\xa1\\@", "\x8f\xb0\xa1\\@", id="H25-euc-jp"),
        pytest.param("manifest", "a; charset=utf-16", b"{\xff\xfe}", "{\xff\xfe}", id="H25-always-utf-8"),
    ],
)  # fmt: skip
def test_what_rewriters_see(kind, content_type, data, text):
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        charset, seen, back = view(kind, content_type, pieces)
        assert seen.encode("utf-16-le", "surrogatepass") == text.encode("utf-16-le", "surrogatepass")
        assert back == data
        assert charset.is_decided
        assert not charset.is_opaque


@pytest.mark.parametrize(
    ("kind", "content_type", "data"),
    [
        pytest.param("html", "text/html; charset=iso-2022-jp", b"<p>", id="H25-iso-2022-jp"),
        pytest.param("html", "text/html; charset=utf-7", b"+ADw-", id="H25-utf-7"),
        pytest.param("html", "text/html", b"<meta charset=iso-2022-jp>", id="H25-meta-iso-2022-jp"),
        pytest.param("css", "text/css; charset=utf-32", b"a\0\0\0", id="H25-utf-32"),
        pytest.param("css", "text/css; charset=ibm037", b"\x81", id="H25-ebcdic"),
        pytest.param("xml", None, b"Lo\xa7\x94", id="H25-ebcdic-declaration"),
    ],
)
def test_what_cannot_be_seen_through_is_told_before_any_text(kind, content_type, data):
    charset = Charset(kind, content_type)
    assert charset.feed(data) == ""
    assert charset.is_opaque
    assert charset.is_decided
    assert charset.feed(b"<p>") == charset.close() == ""


@pytest.mark.parametrize("kind", _KINDS)
def test_a_header_decides_with_the_first_bytes(kind):
    charset = Charset(kind, "x/y; charset=utf-8")
    assert charset.feed(b"<p>") == "<p>"
    assert charset.is_decided


def test_a_page_without_declaration_is_held_for_1024_bytes_at_most():
    charset = Charset("html", "text/html")
    assert charset.feed(b"x" * 1023) == ""
    assert not charset.is_decided
    assert charset.feed(b"xy") == "x" * 1024 + "y"


def test_a_declaration_in_the_page_ends_the_wait():
    charset = Charset("html", "text/html")
    assert charset.feed(b"<meta charset=") == ""
    assert charset.feed(b"utf-8>") == "<meta charset=utf-8>"


def test_nuls_are_expected_where_utf_16_is_declared_or_found():
    assert Charset("html", "text/html; charset=utf-16").is_wide
    marked = Charset("html", "text/html; charset=utf-8")
    assert not marked.is_wide
    marked.feed(b"\xff\xfe")
    assert marked.is_wide
    not_so = Charset("html", "text/html; charset=utf-16")
    not_so.feed(b"\xef\xbb\xbf")
    assert not not_so.is_wide


def test_text_that_the_encoding_lacks_becomes_references():
    charset = Charset("html", "text/html; charset=utf-8")
    charset.feed(b"x")
    assert charset.encode("\u4e00") == b"&#19968;"


_CONTENT_TYPES = st.sampled_from(
    [
        None,
        "text/html",
        *(f"a; charset={name}" for name in ("utf-8", "shift_jis", "gbk", "big5", "utf-16le", "utf-16be")),
    ]
)
_DATA = st.binary(max_size=80) | st.lists(
    st.sampled_from(
        [b"\\", b"@", b"\x95", b"\x83", b"\xe0", b"\xa4", b"a", b"\0", b"\xd8", b"\xff\xfe", b"<?xml ", b">"]
    ),
    max_size=40,
).map(b"".join)


@given(st.sampled_from(_KINDS), _CONTENT_TYPES, _DATA, st.lists(st.integers(0, 200), max_size=6))
def test_all_bytes_survive_and_text_does_not_depend_on_pieces(kind, content_type, data, places):
    charset, text, back = view(kind, content_type, [data])
    if charset.is_opaque:
        return
    assert back == data
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    _, cut, again = view(kind, content_type, [data[start:end] for start, end in pairwise(bounds)])
    assert again == data
    assert cut.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@given(
    st.sampled_from([("shift_jis", "cp932"), ("gbk", "gbk"), ("gb18030", "gb18030"), ("big5", "big5")]),
    st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("\\@ソ表能十予~誠許蓋功"), max_size=30),
)
def test_no_part_of_a_character_looks_like_syntax(names, text):
    label, codec = names
    data = text.encode(codec, "ignore")
    text = data.decode(codec)
    seen = view("css", f"text/css; charset={label}", [data])[1]
    assert [seen.count(character) for character in "\\@<>&\"'"] == [text.count(character) for character in "\\@<>&\"'"]


@pytest.mark.parametrize(
    ("charset", "codec", "character"),
    [
        pytest.param("shift_jis", "cp932", "表", id="H25-css-in-shift-jis"),
        pytest.param("gbk", "gbk", "乗", id="H25-css-in-gbk"),
        pytest.param("big5", "big5", "功", id="H25-css-in-big5"),
    ],
)
def test_a_style_sheet_with_characters_that_end_like_an_escape(below_prefix, charset, codec, character):
    assert character.encode(codec)[1:] == b"\\"
    text = f"a{{content:'{character}';b:url('^/{character}')}} c{{content:'\\'';d:url(^/x)}}"
    view_of = Charset("css", f"text/css; charset={charset}")
    rewriter = CssRewriter(Document(below_prefix))
    data = text.replace("^", "").encode(codec)
    out = view_of.encode(rewriter.feed(view_of.feed(data)) + rewriter.feed(view_of.close()) + rewriter.close())
    assert out.decode(codec) == text.replace("^", "/abc123")


@pytest.mark.parametrize("codec", [pytest.param(f"utf-16-{end}", id=f"H25-utf-16-{end}") for end in ("le", "be")])
def test_a_page_in_utf_16(below_prefix, codec):
    data = "\ufeff<p title='é😀'><a href=/é>".encode(codec) + b"\xd8"
    page = HtmlRewriter(Document(below_prefix))
    charset = Charset("html", "text/html")
    out = charset.encode(page.feed(charset.feed(data))) + charset.encode(page.feed(charset.close()) + page.close())
    assert out == "\ufeff<p title='é😀'><a href=/abc123/é>".encode(codec) + b"\xd8"
