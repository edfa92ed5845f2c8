"""Where an encoding is declared, and which declaration counts (H25)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.declared_charset import family_of, in_body, in_byte_order_mark, in_content_type


@pytest.mark.parametrize(
    ("label", "family"),
    [
        *(
            pytest.param(label, "ascii", id=f"H25-{label}")
            for label in (
                *(
                    "utf-8",
                    "UTF8",
                    "unicode-1-1-utf-8",
                    "windows-1252",
                    "cp1251",
                    "x-cp1250",
                    "latin1",
                    "l9",
                    "us-ascii",
                ),
                *(
                    "iso-8859-15",
                    "iso8859_1",
                    "iso_8859-8-i",
                    "logical",
                    "koi8-r",
                    "koi",
                    "macintosh",
                    "x-mac-cyrillic",
                ),
                *("ibm866", "csIBM866", "tis-620", "euc-jp", "x-euc-jp", "euc-kr", "ks_c_5601-1987", "windows-949"),
                *("iso-ir-149", "csISOLatin1", "csisolatinhebrew", "sun_eu_greek", "x-user-defined", "dos-874", "866"),
            )
        ),
        pytest.param(" Shift_JIS\n", "shift_jis", id="H25-blanks"),
        pytest.param("windows-31j", "shift_jis", id="H25-shift-jis"),
        pytest.param("GB2312", "gbk", id="H25-gb2312"),
        pytest.param("gb18030", "gbk", id="H25-gb18030"),
        pytest.param("iso-ir-58", "gbk", id="H25-iso-ir-58"),
        pytest.param("Big5-HKSCS", "big5", id="H25-big5"),
        pytest.param("utf-16", "utf-16-le", id="H25-utf-16"),
        pytest.param("UTF-16BE", "utf-16-be", id="H25-utf-16be"),
        pytest.param("iso-2022-jp", "opaque", id="H25-iso-2022-jp"),
        pytest.param("hz-gb-2312", "opaque", id="H25-hz"),
        pytest.param("iso-2022-kr", "opaque", id="H25-iso-2022-kr"),
        *(
            pytest.param(label, None, id=f"H25-{label or 'none'}")
            for label in ("", "utf-7", "utf-32", "ibm037", "csISO2022JP2", "none", "x", "utf-9", "ebcdic-us")
        ),
    ],
)
def test_labels(label, family):
    assert family_of(label) == family


@pytest.mark.parametrize(
    ("value", "family"),
    [
        pytest.param("text/html", None, id="H25-header-without-charset"),
        pytest.param("text/html;charset=utf-8", "ascii", id="H25-header"),
        pytest.param("text/html; x=y;\tCharset=Big5 ;z", "big5", id="H25-header-among-others"),
        pytest.param('text/html; charset="shift_jis"', "shift_jis", id="H25-header-quoted"),
        pytest.param('text/html; charset="shift\\_jis', "shift_jis", id="H25-header-quote-open"),
        pytest.param('text/html; x="; charset=utf-16"', None, id="H25-header-inside-quotes"),
        pytest.param("text/html; charset=gbk; charset=big5", "gbk", id="H25-header-twice"),
        pytest.param("text/html; charset=nonsense", None, id="H25-header-unknown"),
        pytest.param("text/html; charset", None, id="H25-header-no-value"),
        *(
            pytest.param(f"text/html; charset={label}", "opaque", id=f"H25-header-{label}")
            for label in (
                *("iso-2022-jp", "utf-7", "UTF-32", "utf-32be", "unicode-1-1-utf-7", "ucs-4", "hz", "scsu"),
                *("IBM037", "cp500", "ibm-1047", "ebcdic-us", "iso-2022-jp-2"),
            )
        ),
    ],
)
def test_content_type(value, family):
    assert in_content_type(value) == family


@pytest.mark.parametrize(
    ("data", "family"),
    [
        pytest.param(b"\xef\xbb\xbf", "ascii", id="H25-mark-utf-8"),
        pytest.param(b"\xff\xfe<", "utf-16-le", id="H25-mark-utf-16-le"),
        pytest.param(b"\xfe\xff", "utf-16-be", id="H25-mark-utf-16-be"),
        *(
            pytest.param(data, None, id=f"H25-mark-{data.hex()}")
            for data in (b"", b"\xef", b"\xef\xbb", b"\xff", b"\xfe")
        ),
        pytest.param(b"\xef\xbb<", "none", id="H25-mark-broken"),
        pytest.param(b"<", "none", id="H25-no-mark"),
    ],
)
def test_byte_order_mark(data, family):
    assert in_byte_order_mark(data, is_all=False) == family
    assert in_byte_order_mark(data, is_all=True) == (family or "none")


_META = b"<meta charset=shift_jis>"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        pytest.param(_META, "shift_jis", id="H25-meta"),
        pytest.param(b"<!doctype html><html ><title>x</title ><META/CHARSET = 'Big5' />", "big5", id="H25-meta-later"),
        pytest.param(b'<meta content="a; CHARSET = gbk" http-equiv=Content-Type>', "gbk", id="H25-meta-http-equiv"),
        pytest.param(b"<meta http-equiv=content-type content='charset charset=\"gbk\"'>", "gbk", id="H25-meta-quoted"),
        pytest.param(b"<meta http-equiv=content-type content='charset=\"big5'>", "ascii", id="H25-meta-open-quote"),
        pytest.param(b"<meta content='charset=gbk'>", "ascii", id="H25-meta-no-http-equiv"),
        pytest.param(b"<meta http-equiv=refresh content='charset=gbk'>", "ascii", id="H25-meta-other-http-equiv"),
        pytest.param(b"<meta charset=nonsense>" + _META, "shift_jis", id="H25-meta-unknown"),
        pytest.param(b"<meta charset=big5 charset=gbk>", "big5", id="H25-meta-twice"),
        pytest.param(b"<meta charset=utf-16>" + _META, "ascii", id="H25-meta-cannot-be-utf-16"),
        pytest.param(b"<meta charset=iso-2022-jp>", "opaque", id="H25-meta-iso-2022-jp"),
        pytest.param(b"<metax charset=big5>", "ascii", id="H25-meta-name-alike"),
        pytest.param(b"<!-- " + _META + b"--><meta charset=big5>", "big5", id="H25-meta-comment"),
        pytest.param(b"<!--><meta charset=big5>", "big5", id="H25-meta-empty-comment"),
        pytest.param(b"<!--->" + _META + b"-->", "shift_jis", id="H25-meta-emptier-comment"),
        pytest.param(b"<p title='" + _META + b"'><meta charset=big5>", "big5", id="H25-meta-in-a-value"),
        pytest.param(b"</p title='" + _META + b"'><meta charset=big5>", "big5", id="H25-meta-in-an-end-tag"),
        pytest.param(b"<? " + _META + b"</ " + _META + b"<meta charset=big5>", "big5", id="H25-meta-in-other-markup"),
        pytest.param(b"a < b <" + _META, "shift_jis", id="H25-meta-after-text"),
        pytest.param(b" " * 1000 + _META, "shift_jis", id="H25-meta-within-1024-bytes"),
        pytest.param(b" " * 1001 + _META, "ascii", id="H25-meta-too-late"),
        pytest.param(b"<?xml version='1.0' encoding='gbk'?>", "gbk", id="H25-html-with-declaration"),
        pytest.param(b"<?xml version='1.0' encoding='gbk'?>" + _META, "shift_jis", id="H25-meta-counts-more"),
        pytest.param(b"<\0?\0x\0m\0l\0", "utf-16-le", id="H25-html-declaration-in-utf-16"),
        pytest.param(b"", "ascii", id="H25-html-empty"),
    ],
)  # fmt: skip
def test_html(text, family):
    assert in_body("html", text, is_all=True) == family
    assert in_body("html", text + b" " * 1024, is_all=False) == family


@pytest.mark.parametrize("kind", ["xhtml", "svg", "xml"])
@pytest.mark.parametrize(
    ("text", "family"),
    [
        pytest.param(b'<?xml version="1.0" encoding="Shift_JIS" standalone="no"?>', "shift_jis", id="H25-xml"),
        pytest.param(b"<?xml\nversion='1.0'\tencoding = 'gbk'?><p/>", "gbk", id="H25-xml-blanks"),
        pytest.param(b"<?xml version='encoding=\"gbk\"'?><p/>", "ascii", id="H25-xml-in-a-value"),
        pytest.param(b"<?xml version='1.0'?>" + _META, "ascii", id="H25-xml-without"),
        pytest.param(b"<?xml version='1.0' encoding='utf-16'?>", "ascii", id="H25-xml-cannot-be-utf-16"),
        pytest.param(b" <?xml version='1.0' encoding='gbk'?>", "ascii", id="H25-xml-not-first"),
        pytest.param(b"<\0?\0x\0m\0", "utf-16-le", id="H25-xml-utf-16-le"),
        pytest.param(b"\0<\0?\0x\0m", "utf-16-be", id="H25-xml-utf-16-be"),
        pytest.param(b"Lo\xa7\x94\x93", "opaque", id="H25-xml-ebcdic"),
        pytest.param(b"\0\0\0<\0\0\0?", "opaque", id="H25-xml-utf-32"),
        pytest.param(b"<p/>", "ascii", id="H25-xml-no-declaration"),
    ],
)  # fmt: skip
def test_xml(kind, text, family):
    assert in_body(kind, text, is_all=True) == family
    assert in_body(kind, text + b">" * 1024, is_all=False) == family


@pytest.mark.parametrize(
    ("text", "family"),
    [
        pytest.param(b'@charset "shift_jis";a{}', "shift_jis", id="H25-css"),
        pytest.param(b'@charset "utf-16";', "ascii", id="H25-css-cannot-be-utf-16"),
        pytest.param(b"@charset 'big5';", "ascii", id="H25-css-quotes"),
        pytest.param(b'@charset  "big5";', "ascii", id="H25-css-blanks"),
        pytest.param(b'@charset "big5" ;', "ascii", id="H25-css-blank-behind"),
        pytest.param(b'@CHARSET "big5";', "ascii", id="H25-css-case"),
        pytest.param(b'@charset "nonsense";', "ascii", id="H25-css-unknown"),
        pytest.param(b'a{}@charset "big5";', "ascii", id="H25-css-not-first"),
    ],
)
def test_css(text, family):
    assert in_body("css", text, is_all=True) == family
    assert in_body("css", text + b" " * 1024, is_all=False) == family


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("html", b"<p>text", id="H25-html-undecided"),
        pytest.param("html", b"<meta charset=big5", id="H25-html-open-tag"),
        pytest.param("html", b"<!-" + b"-" + _META, id="H25-html-open-comment"),
        pytest.param("xhtml", b"<?x", id="H25-xml-undecided"),
        pytest.param("xml", b"<?xml encoding='gbk'", id="H25-xml-open"),
        pytest.param("css", b"@char", id="H25-css-undecided"),
        pytest.param("css", b'@charset "big5"', id="H25-css-open"),
    ],
)
def test_more_is_waited_for_only_where_it_can_matter(kind, text):
    assert in_body(kind, text, is_all=False) is None
    assert in_body(kind, text, is_all=True) == "ascii"
    assert in_body(kind, text.ljust(1024), is_all=False) is not None


_PIECES = st.sampled_from(
    [b"<meta ", b"charset=", b"big5", b"gbk", b">", b"'", b'"', b"<!--", b"-->", b"<", b"</", b"<p ", b"<?xml ", b"?>",
     b"encoding=", b"http-equiv=content-type ", b"content=", b" ", b"/", b"=", b'@charset "', b'";', b"\0", b"\xff"]
)  # fmt: skip


@given(st.sampled_from(["html", "xhtml", "css"]), st.lists(_PIECES, max_size=20).map(b"".join))
def test_a_decision_holds_whatever_follows(kind, text):
    for size in range(len(text) + 1):
        family = in_body(kind, text[:size], is_all=False)
        if family is not None:
            assert in_body(kind, text, is_all=True) == family
            break
