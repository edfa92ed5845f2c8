"""What holds for every text (H26, H27): pieces make no difference, twice is once, and only what is ours is put in."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.xml import XmlRewriter

_LOADER = Loader("/abc123/__hw/rt.js", "{}", insert="always")
_XHTML = "http://www.w3.org/1999/xhtml"

_TOKENS = (
    "<a ", "<img ", "<p>", "<style>", "<style ", "<script>", "<svg xmlns='http://www.w3.org/2000/svg'>", "<h:a ",
    "</a>", "</style>", "</script>", "</p>", "<html ", "<head>", "</head>", "<body>", "</html>", "<o xmlns='urn:x'>",
    "</o>", "xmlns='http://www.w3.org/1999/xhtml'", " href='/x'", ' src="/y"', " style='a:url(/z)'", " b='>'",
    " srcset='/a 1x'", ' c="\'"', ">", ">", "/>", " ", "'", '"', "=", "<![CDATA[", "]]>", "<!--", "-->", "--",
    "<?xml-stylesheet href='/x'?>", "<?x ", "?>", "<!DOCTYPE html>", "<!DOCTYPE a [", "]>", "<!ENTITY", "&amp;",
    "&quot;", "&#x2f;", "&", "url(/x)", "url(&quot;/x&quot;)", "a{b:", "}", "/*", "*/", "\\", "(", "text", "é",
    "\x00", "<", "</", "\n", "<meta ", "<template>", "</template>", "<base href='/b/'/>", " type='module'",
    "<iframe srcdoc='&lt;a href=/q&gt;'/>"
)  # fmt: skip
_TAGS = (
    "<p>",
    "</p>",
    "<a href='/x'/>",
    "<style>a{b:url(/x)}</style>",
    "<style><![CDATA[a{b:url(/x)}]]></style>",
    "x",
    "\n",
)
_PLACES = st.lists(st.integers(0, 100_000), max_size=6)
_HTML = f"<html xmlns='{_XHTML}'><head>"
_DOCUMENTS = st.tuples(
    st.sampled_from(["", "", _HTML]), st.lists(st.sampled_from(_TOKENS) | st.sampled_from(_TAGS), max_size=25)
).map(lambda parts: parts[0] + "".join(parts[1]))
_KINDS = st.sampled_from(["xhtml", "svg", "xml"])
_LOADERS = st.sampled_from([None, _LOADER, replace(_LOADER, import_map=False)])


def _rewriter(context: RewriteContext, kind: str, loader: Loader | None = None, *, strip: bool = False) -> XmlRewriter:
    return XmlRewriter(Document(context, "/a/b", strip=strip, loader=loader), kind)


def _in_pieces(rewriter: XmlRewriter, text: str, places: list[int]) -> str:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return "".join(rewriter.feed(text[start:end]) for start, end in pairwise(bounds)) + rewriter.close()


@given(_DOCUMENTS, _KINDS, _PLACES, _LOADERS, st.booleans())
def test_any_chunking_gives_the_same(below_prefix, text, kind, places, loader, strip):
    whole = _in_pieces(_rewriter(below_prefix, kind, loader, strip=strip), text, [])
    assert _in_pieces(_rewriter(below_prefix, kind, loader, strip=strip), text, places) == whole
    assert _in_pieces(_rewriter(below_prefix, kind, loader, strip=strip), text, list(range(len(text)))) == whole


@given(
    _DOCUMENTS,
    st.sampled_from(["x", " ", " a='b'", "'", "<!--", "<?x", "&quot;", "url(", "<p>", "]", "<a", "<p xmlns='urn:x'>"]),
    st.integers(65_500, 65_580),
    st.integers(0, 60),
    _PLACES,
    _LOADERS,
)
def test_tokens_near_the_limit_do_not_depend_on_chunks_either(below_prefix, text, filler, size, place, places, loader):
    text = text[:place] + (filler * size)[:size] + text[place:]
    whole = _in_pieces(_rewriter(below_prefix, "xhtml", loader), text, [])
    assert _in_pieces(_rewriter(below_prefix, "xhtml", loader), text, places) == whole


@given(_DOCUMENTS, _KINDS, _LOADERS, st.booleans())
def test_twice_is_once(below_prefix, text, kind, loader, strip):
    once = _in_pieces(_rewriter(below_prefix, kind, loader, strip=strip), text, [])
    assert _in_pieces(_rewriter(below_prefix, kind, loader, strip=strip), once, []) == once


@given(_DOCUMENTS, _KINDS)
def test_without_the_prefix_all_bytes_are_those_of_the_input(below_prefix, text, kind):
    assert _in_pieces(_rewriter(below_prefix, kind), text, []).replace("/abc123", "") == text


@given(_DOCUMENTS)
def test_pending_is_what_has_not_come_out(below_prefix, text):
    rewriter = _rewriter(below_prefix, "xhtml")
    out = "".join(map(rewriter.feed, text))
    assert out.replace("/abc123", "") + rewriter.pending == text


@given(st.text(max_size=200), _KINDS, _LOADERS)
def test_arbitrary_text_never_raises(below_prefix, text, kind, loader):
    whole = _in_pieces(_rewriter(below_prefix, kind, loader), text, [])
    assert _in_pieces(_rewriter(below_prefix, kind, loader), text, [1, 2, 3, 5, 8, 13, 21, 34]) == whole


_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"))
_VALUES = st.text(_CHARACTERS, max_size=8) | st.sampled_from(["/x", "/x?a&b", "x", "//o/x", "url(/x)"])
_ELEMENTS = st.recursive(
    st.text(_CHARACTERS, max_size=8).map(escape) | st.just("<!-- /x -->") | st.just("<![CDATA[<a href='/x'/>]]>"),
    lambda content: st.tuples(
        st.sampled_from(["a", "p", "style", "script", "template", "head", "body", "svg", "img"]),
        st.dictionaries(st.sampled_from(["href", "src", "style", "title", "srcset"]), _VALUES, max_size=3),
        st.lists(content, max_size=3).map("".join),
    ).map(
        lambda parts: (
            f"<{parts[0]}{''.join(f' {k}={quoteattr(v)}' for k, v in parts[1].items())}>{parts[2]}</{parts[0]}>"
        )
    ),
    max_leaves=8,
)


@given(st.lists(_ELEMENTS, max_size=3).map("".join), _LOADERS, st.booleans())
def test_well_formed_documents_stay_well_formed(below_prefix, content, loader, strip):
    text = f"<html xmlns='{_XHTML}'>{content}</html>"
    before = ET.fromstring(text)
    after = ET.fromstring(_in_pieces(_rewriter(below_prefix, "xhtml", loader, strip=strip), text, []))
    inserted = 0 if loader is None else 1 + loader.import_map
    assert len(list(after.iter())) == len(list(before.iter())) + inserted


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("<a title='", id="H27-value"),
        pytest.param("<a ", id="H27-tag"),
        pytest.param("<", id="H27-name"),
        pytest.param("</a ", id="H27-end-tag"),
        pytest.param("<!-- ", id="H27-comment"),
        pytest.param("<!DOCTYPE a [", id="H27-declaration"),
        pytest.param("<?xml-stylesheet ", id="H27-instruction"),
        pytest.param("<style>a{b:'", id="H27-style"),
        pytest.param("<style>a{b:&quot;", id="H27-style-with-references"),
        pytest.param("<![CDATA[", id="H27-section"),
        pytest.param("<script type='importmap'>", id="H27-script-data"),
        pytest.param("<p>", id="H27-text"),
    ],
)
def test_no_more_than_one_token_of_limited_size_is_held_back(below_prefix, opening):
    rewriter = _rewriter(below_prefix, "xhtml")
    text = opening + "x" * 200_000
    out, most = "", 0
    for start in range(0, len(text), 1000):
        out += rewriter.feed(text[start : start + 1000])
        most = max(most, len(rewriter.pending))
    assert most <= 65_536 + 1000
    assert out + rewriter.close() == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(piece, id=f"H27-{piece!r}")
        for piece in (
            *(
                "<a>",
                "<a/>",
                "<a b='c' ",
                "<a xmlns='x'>",
                "<style>",
                "<style>&quot;",
                "&quot;",
                "<!--",
                "-",
                "<![CDATA[",
                "]]",
            ),
            *(
                "]]>",
                "<?x",
                "?",
                "<!DOCTYPE [",
                "<",
                "</a>",
                "'",
                "<script type='importmap'>",
                " ",
                "<a xmlns:a='&amp;'/>",
            ),
        )
    ],
)
@pytest.mark.parametrize("before", ["", "<style>", "<a b='", "<!DOCTYPE a [", "<script type='importmap'>"])
def test_hostile_repetition_takes_no_quadratic_time(below_prefix, before, piece):
    """Quadratic time would be many minutes, so the time limit of the test run is enough to tell."""
    text = before + piece * (200_000 // len(piece))
    for loader in (None, _LOADER):
        whole = _in_pieces(_rewriter(below_prefix, "xhtml", loader), text, [])
        assert _in_pieces(_rewriter(below_prefix, "xhtml", loader), text, list(range(0, len(text), 1000))) == whole
