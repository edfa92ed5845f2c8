"""Pages of testcafe-hammerhead: what that takes for a URL is one here, too (H1, H2, H3)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent / "vendor" / "hammerhead"
_STORED = "-hammerhead-stored-value"
_URL = re.compile(r"https?:|^/|\.html$")
_NOT_URLS = frozenset({"integrity", "rel", "autocomplete", "sandbox", "onclick", "style", "filter", "required"})
# No browser reads these any more: `xml:base` left SVG, and outside SVG `xlink:href` never meant anything.
_EXCEPTIONS = frozenset({("svg", "xml:base"), ("rect", "xml:base"), ("div", "xlink:href")})


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("page", id="H1-page"),
        pytest.param("page-with-frameset", id="H1-page-with-frameset"),
        pytest.param("page-with-img", id="H2-page-with-img"),
        pytest.param("html-import-page", id="H3-html-import-page"),
    ],
)
def test_every_attribute_that_hammerhead_takes_for_a_url(rewrite, name):
    theirs = {
        (tag, attribute.removesuffix(_STORED))
        for tag, attributes in _Tags((VENDOR / f"{name}.expected.html").read_text("utf-8")).tags
        for attribute, stored in attributes.items()
        if attribute.endswith(_STORED) and stored is not None and _URL.search(stored)
    }
    theirs = {(tag, attribute) for tag, attribute in theirs if attribute not in _NOT_URLS}
    # Their addresses, as if they were the app's own.
    text = re.sub(r"https?://(?!www\.w3\.org)", "/", (VENDOR / f"{name}.src.html").read_text("utf-8"))
    # Relative references move where the page is shown without its prefix.
    before, after = _Tags(text).tags, _Tags(rewrite(text, strip=True)).tags
    ours = {
        (tag, attribute)
        for (tag, old), (_, new) in zip(before, after, strict=True)
        for attribute in old
        if attribute in new and new[attribute] != old[attribute]
    }
    assert theirs
    assert theirs - _EXCEPTIONS <= ours
