"""What holds for every text (H27): pieces make no difference, twice is once, and only what is ours is put in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.html.rewriter import HtmlRewriter
from backend_lambda.rewrite.report import Report

_PREFIX = "/abc123"
_LOADER = Loader("/abc123/__hw/rt.js", "{}", insert="always")
_RUNTIME = "<script src=\"/abc123/__hw/rt.js\" data-hw='{}'></script>"
_MAP = '<script type="importmap">{"imports":{"/":"/abc123/","/abc123/":"/abc123/"}}</script>'

_TOKENS = (
    "<a ", "<img ", "<p ", "<style", "<script", "<svg", "<math", "<title", "<textarea", "<template", "<noscript",
    "<body", "</a", "</style", "</script", "</svg", "</title", "</textarea", "</template", "</noscript", "</p",
    "</head", "<head", "<html", "<!doctype html", "<iframe ", "<meta ", "<foreignObject", "<plaintext", "<base ",
    "<link ", "<frameset", "href=", "src=", "srcset=", "style=", "srcdoc=", "charset=x", "fill=", "type=module",
    "rel=stylesheet", "onload=x", "http-equiv=refresh content=", "xlink:href=", "title=", "ping=", ">", ">", ">",
    "/>", "/", " ", "=", "'", '"', "\n", "/x", "/y?a&amp;b", "url(/z)", "url(&quot;/z&quot;)", "&#x2f;x", "0;/n",
    "/a 1x, /b 2x", "&lt;a href=/q&gt;", "x", "<!--", "-->", "--", "--!>", "<![CDATA[", "]]>", "<?", "<!", "</", "<",
    "&", "&eacute;", "text", "\x00", "é", "]", "-"
)  # fmt: skip
_TAGS = (
    "<a href=/x>", "<p style='a:url(/x)'>", "<style>a{b:url(/x)}</style>", "<svg><a href=/x/>", "</svg>",
    "<title>x</title>", "<script>'/x'</script>", "<img srcset='/a 1x, /b'>",
    "<iframe srcdoc='&lt;a href=/x&gt;&lt;a href=/y&gt;'></iframe>", "<!-- x -->", "<!doctype html>", "<head>",
    "</head>", "<body>", "<html>", "<template>", "</template>", " ", "x"
)  # fmt: skip
_PAGES = st.lists(st.sampled_from(_TOKENS) | st.sampled_from(_TAGS), max_size=25).map("".join)
_PLACES = st.lists(st.integers(0, 100_000), max_size=6)
_LOADERS = st.sampled_from([None, _LOADER, replace(_LOADER, insert="document"), replace(_LOADER, import_map=False)])


def _rewriter(
    context: RewriteContext, loader: Loader | None = None, *, strip: bool = False, report: Report | None = None
) -> HtmlRewriter:
    return HtmlRewriter(Document(context, "/a/b", strip=strip, loader=loader, report=report))


def _in_pieces(rewriter: HtmlRewriter, text: str, places: list[int]) -> str:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return "".join(rewriter.feed(text[start:end]) for start, end in pairwise(bounds)) + rewriter.close()


@given(_PAGES, _PLACES, _LOADERS, st.booleans())
def test_any_chunking_gives_the_same(below_prefix, text, places, loader, strip):
    whole = _rewriter(below_prefix, loader, strip=strip).rewrite(text)
    assert _in_pieces(_rewriter(below_prefix, loader, strip=strip), text, places) == whole
    assert _in_pieces(_rewriter(below_prefix, loader, strip=strip), text, list(range(len(text)))) == whole


@given(
    _PAGES,
    st.sampled_from(["x", "/", "=", "'", " a='", "<!--", "<a ", "&amp;", "url(", "</b"]),
    st.integers(65_500, 65_580),
    st.integers(0, 30),
    _PLACES,
    _LOADERS,
)
def test_tokens_near_the_limit_do_not_depend_on_chunks_either(below_prefix, text, filler, size, place, places, loader):
    text = text[:place] + (filler * size)[:size] + text[place:]
    whole = _rewriter(below_prefix, loader).rewrite(text)
    assert _in_pieces(_rewriter(below_prefix, loader), text, places) == whole


@given(_PAGES, _LOADERS, st.booleans())
def test_twice_is_once(below_prefix, text, loader, strip):
    once = _rewriter(below_prefix, loader, strip=strip).rewrite(text)
    assert _rewriter(below_prefix, loader, strip=strip).rewrite(once) == once


@given(_PAGES)
def test_without_the_prefix_all_bytes_are_those_of_the_input(below_prefix, text):
    text = text.replace("rel=stylesheet", "")  # what comes with it may lose its `integrity`
    assert _rewriter(below_prefix).rewrite(text).replace(_PREFIX, "") == text


@given(_PAGES, _LOADERS)
def test_the_loader_makes_no_other_difference(below_prefix, text, loader):
    report = Report()
    out = _rewriter(below_prefix, loader, report=report).rewrite(text)
    edits = report.edits
    if "srcdoc" not in text:
        assert out.count(_RUNTIME) == edits.get("runtime", 0) <= 1
        assert out.count(_MAP) == edits.get("import-map", 0) <= 1
        assert out.replace(_RUNTIME, "").replace(_MAP, "") == _rewriter(below_prefix).rewrite(text)


@given(_PAGES, _PLACES, _LOADERS)
def test_pending_is_what_has_not_come_out(below_prefix, text, places, loader):
    rewriter = _rewriter(below_prefix)
    out = ""
    for character in text:
        out += rewriter.feed(character)
        assert len(rewriter.pending) <= len(text)
    done = out.replace(_PREFIX, "") + rewriter.pending
    assert done == text or "rel=stylesheet" in text


@given(st.text(max_size=200), st.booleans(), _LOADERS)
def test_arbitrary_text_never_raises(below_prefix, text, strip, loader):
    out = _rewriter(below_prefix, loader, strip=strip).rewrite(text)
    assert _in_pieces(_rewriter(below_prefix, loader, strip=strip), text, [1, 2, 3, 5, 8, 13, 21]) == out


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("<a title='", id="H27-value"),
        pytest.param("<a ", id="H27-tag"),
        pytest.param("</a ", id="H27-end-tag"),
        pytest.param("<!-- ", id="H27-comment"),
        pytest.param("<!x ", id="H27-declaration"),
        pytest.param("<script>", id="H27-script"),
        pytest.param("<style>a{b:'", id="H27-style"),
        pytest.param("<svg><style>a{b:'", id="H27-style-in-svg"),
        pytest.param("<svg><![CDATA[", id="H27-section"),
        pytest.param("<textarea>", id="H27-raw-text"),
        pytest.param("<script type=importmap>", id="H27-script-data"),
        pytest.param("<p>", id="H27-text"),
    ],
)
def test_no_more_than_one_token_of_limited_size_is_held_back(below_prefix, opening):
    rewriter = _rewriter(below_prefix)
    text = opening + "x" * 200_000
    out, most = "", 0
    for start in range(0, len(text), 1000):
        out += rewriter.feed(text[start : start + 1000])
        most = max(most, len(rewriter.pending))
    assert most <= 65_536 + 1000
    assert out + rewriter.close() == text


_HOSTILE = (
    "<", "<a ", "<a b='", "<a href=/x ", "<!--", "<!-- -", "<!", "</", "<![CDATA[", "<svg>", "<svg><style>",
    "<script><!--", "<script ", "<style>", "<template>", "<a href='&", "&amp;", "url(", "<iframe srcdoc='", "a=b ",
    '\'"', "<math><mi>", "\x00", "<base href=/>", "<title>", "<plaintext>", "-", "--!", "]]", "</script",
    "<svg><style>&quot;", "<meta charset=x>"
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("piece", [pytest.param(piece, id=f"H27-{piece!r}") for piece in _HOSTILE])
@pytest.mark.parametrize("around", ["", "<a title='{}'>", "<svg><style>{}", "<iframe srcdoc='{}'>"])
def test_hostile_repetition_takes_no_quadratic_time(below_prefix, piece, around):
    """Quadratic time would be many minutes, so the time limit of the test run is enough to tell."""
    text = (around or "{}").format(piece * (200_000 // len(piece)))
    for loader in (None, _LOADER):
        whole = _rewriter(below_prefix, loader).rewrite(text)
        assert len(whole) >= len(text)
        pieces = _rewriter(below_prefix, loader)
        assert sum(len(pieces.feed(text[i : i + 1000])) for i in range(0, len(text), 1000)) + len(
            pieces.close()
        ) == len(whole)
