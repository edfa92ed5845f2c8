"""Style sheets whose characters may be written as references (H7, H18, H26)."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.style_text import StyleText


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a &gt; b{c:url(^/x)}", id="H7-before"),
        pytest.param("a{b:url(&quot;^/x&quot;),url(&apos;^/y&apos;)}c &gt; d{}", id="H7-quotes"),
        pytest.param("a{b:url(^&#47;x&#x2F;y)}", id="H7-slashes"),
        pytest.param("a{b:url(^/&eacute;/&#233;?&amp;c)}", id="H7-beyond-ascii"),
        pytest.param("a{content:&quot;url(/x)&#34;}b{c:url(^/y)}", id="H7-string"),
        pytest.param("&#47;* url(/x) *&#47; url(^/y)", id="H7-comment"),
        pytest.param("a{b:url(^/x?&amp", id="H7-cut-short"),
        pytest.param("& &unknown; &; url(^/x) &", id="H7-no-reference"),
    ],
)
def test_urls_move(below_prefix, text):
    for pieces in ([text.replace("^", "")], text.replace("^", "")):
        style = StyleText(Document(below_prefix))
        assert "".join(map(style.feed, pieces)) + style.close() == text.replace("^", "/abc123")


def test_what_is_put_in_is_written_for_markup(below_prefix):
    style = StyleText(Document(below_prefix, "/a&b<c/d", strip=True))
    out = style.feed("a &gt; b{c:url(x)}") + style.close()
    assert out == r"a &gt; b{c:url(/abc123/a\26 b\3c c/x)}"


_PARTS = (
    "url(", "&quot;", '"', "'", "&#39;", ")", "/x", "&#47;x", "&sol;", "\\", "&#92;", "&", "&gt;", "&eacute;", "/*",
    "*/", "@import ", ";", "{", "}", " ", "&amp", "é", "image-set(", "&#x28;", "x",
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_PARTS), max_size=20).map("".join)


@given(_TEXTS, st.booleans())
def test_it_means_what_the_style_sheet_means(below_prefix, text, strip):
    style, css = StyleText(Document(below_prefix, strip=strip)), CssRewriter(Document(below_prefix, strip=strip))
    text = text.replace("&amp", "")
    out = style.feed(text) + style.close()
    assert unescape(out) == css.feed(unescape(text)) + css.close()


@given(_TEXTS)
def test_pieces_make_no_difference_and_only_the_prefix_is_put_in(below_prefix, text):
    whole, pieces = StyleText(Document(below_prefix)), StyleText(Document(below_prefix))
    out = whole.feed(text) + whole.close()
    so_far = ""
    for count, character in enumerate(text, 1):
        so_far += pieces.feed(character)
        assert so_far.replace("/abc123", "") + pieces.pending == text[:count]
    assert so_far + pieces.close() == out
    assert out.replace("/abc123", "") == text
