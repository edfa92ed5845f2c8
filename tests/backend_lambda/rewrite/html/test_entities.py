"""References in attribute values: read as browsers read them, and kept wherever nothing changes (H22)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.html.entities import Decoded, escape


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("/x?a=1&amp;b", "/x?a=1&b", id="H22-named"),
        pytest.param("&#x2F;&#X2f&#47;&#047;&#x0000000002f;", "/////", id="H22-numeric"),
        pytest.param("&sol;&Tab;&colon;&lpar;&quot;&apos;", "/\t:(\"'", id="H22-ascii-by-name"),
        pytest.param("&lt&gt;&amp&quot x", '<>&" x', id="H22-without-semicolon"),
        pytest.param("?a&copy=1&lt=2&gtx&ampx&notit;", "?a&copy=1&lt=2&gtx&ampx&notit;", id="H22-none-before-letters"),
        pytest.param("& &; &#; &#x; &x; &#xg;", "& &; &#; &#x; &x; &#xg;", id="H22-none"),
    ],
)
def test_values(raw, value):
    assert Decoded(raw).value == value


@pytest.mark.parametrize(
    "raw", ["&eacute;", "&#233;", "&#0;", "&#x110000;", "&#99999999999;", "&acE;", "&NotEqualTilde;"]
)
def test_what_is_not_ascii_is_one_character_and_comes_back(raw):
    decoded = Decoded(f"/a{raw}b")
    assert len(decoded.value) == 4
    assert not decoded.value.isascii()
    assert decoded.splice(f"/p{decoded.value}") == f"/p/a{raw}b"


@pytest.mark.parametrize(
    ("raw", "value", "quote", "expected"),
    [
        pytest.param("&#47;x", "/p/x", '"', "/p&#47;x", id="H22-in-front"),
        pytest.param("a&lt;b, c&gt;d", "Pa<b, Pc>d", '"', "Pa&lt;b, Pc&gt;d", id="H22-two-places"),
        pytest.param("&lt;&amp;&lt;", "&<", "'", "&amp;&lt;", id="H22-less"),
        pytest.param("&quot;x&quot;", "y", '"', "y", id="H22-other"),
        pytest.param("x", "\"'<&x", '"', "&quot;'<&amp;x", id="H22-double-quotes"),
        pytest.param("x", "\"'<&x", "'", '"&#39;<&amp;x', id="H22-single-quotes"),
        pytest.param("x", "\"'< x", "", "&quot;&#39;&lt;&#32;x", id="H22-no-quotes"),
        pytest.param("x", "\"'<x", '<"', "&quot;'&lt;x", id="H26-double-quotes"),
        pytest.param("x", "\"'<x", "<'", '"&#39;&lt;x', id="H26-single-quotes"),
    ],
)
def test_splicing(raw, value, quote, expected):
    assert Decoded(raw).splice(value, quote) == expected


def test_text_of_xml_is_escaped_as_far_as_needed():
    assert escape("a<b>&\"'", "<") == "a&lt;b>&amp;\"'"


_RAW = st.lists(
    st.sampled_from(
        ["a", "/", "b", "&amp;", "&lt;", '"', "'", "&quot;", "xyz", "http://", "/P", "&eacute;", " ", "&", "P"]
    ),
    max_size=12,
).map("".join)
_CHANGES = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([0, 0, 0, 3]), st.sampled_from(["/P", '"x', "&", "", "P/"])),
    max_size=4,
)


def _meaning(decoded: Decoded, value: str) -> str:
    return re.sub("[\U000f0000-\U000fffff]", lambda match: unescape(decoded.reference(match)), value)


@given(_RAW, _CHANGES, st.sampled_from(['"', "'", "", '<"', "<'"]))
def test_what_is_written_means_the_new_value(raw, changes, quote):
    decoded = Decoded(raw)
    value = decoded.value
    for at, removed, new in changes:
        value = value[:at] + new + value[at + removed :]
    written = decoded.splice(value, quote)
    again = Decoded(written)
    assert _meaning(again, again.value) == _meaning(decoded, value)
    for character in quote:
        assert written.count(character) <= raw.count(character)


@given(st.lists(_RAW, min_size=1, max_size=4))
def test_a_prefix_put_in_at_several_places_leaves_everything_else_as_it_was(parts):
    raw = " 1x,".join(f"/{part}" for part in parts)
    value = " 1x,".join(f"/new/{Decoded(part).value}" for part in parts)
    expected = " 1x,".join(f"/new/{part}" for part in parts)
    decoded = Decoded(raw)
    # Each part on its own has other placeholders.
    if decoded.value.isascii():
        assert decoded.splice(value) == expected


@pytest.mark.parametrize("piece", ["&", "&amp", "&#1", "&a", "a&amp;", "/a 1x, "])
def test_hostile_values_take_no_quadratic_time(piece):
    """Quadratic time would be many minutes, so the time limit of the test run is enough to tell."""
    decoded = Decoded(piece * (500_000 // len(piece)))
    value = decoded.value
    size = len(value) // 20_000 + 1
    value = "/P".join(value[start : start + size] for start in range(0, len(value), size))
    assert len(decoded.splice(value)) >= len(value)
