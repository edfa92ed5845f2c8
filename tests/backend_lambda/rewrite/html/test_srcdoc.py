"""`srcdoc`: a page inside an attribute (H15)."""

from __future__ import annotations

from html import escape, unescape

import pytest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '<iframe srcdoc="&lt;img src=&quot;^/x&quot;&gt;">', id="H15-entities"
        ),
        pytest.param("<iframe srcdoc='<img src=\"^/x\">'>", id="H15-single-quotes"),
        pytest.param("<iframe srcdoc=<img/src=^/x&gt;>", id="H15-unquoted"),
        pytest.param(
            '<iframe srcdoc="<a href=^/x>&amp;amp;&eacute;&nbsp;</a><a href=^/y>">',
            id="H15-references-between-edits",
        ),
        pytest.param('<iframe srcdoc="">', id="H15-empty"),
    ],
)  # fmt: skip
def test_references_in_it_move(check, text):
    check(text)


def test_the_base_of_the_page_counts_in_it(rewrite):
    text = "<base href={}/app/><iframe srcdoc='<img src={}/x>'>"
    assert rewrite(text.format("", "../..")) == text.format("/abc123", "/abc123")


def test_it_is_a_page_of_its_own(rewrite, loader, runtime, import_map):
    inner = '<p><img src="/x&amp;y">'
    out = rewrite(f'<html>{runtime}<body><iframe srcdoc="{escape(inner)}"></iframe>', loader=loader)
    value = out.partition('srcdoc="')[2].partition('"')[0]
    assert unescape(value) == f'{runtime}{import_map}<p><img src="/abc123/x&amp;y">'
    assert out.count(import_map) == 1


def test_pages_in_pages_in_pages(rewrite):
    page = "<img src='/x'>"
    expected = "<img src='/abc123/x'>"
    for depth in range(7):
        page = f'<iframe srcdoc="{escape(page, quote=True)}"></iframe>'
        if depth < 4:
            expected = f'<iframe srcdoc="{escape(expected, quote=True)}"></iframe>'
        if depth == 3:
            assert unescape(rewrite(page)) == unescape(expected)
    assert rewrite(page) == page  # nobody nests that deep but to hurt


def test_relative_references_where_the_page_is_shown_without_its_prefix(rewrite):
    assert rewrite("<iframe srcdoc='<img src=x>'>", strip=True) == "<iframe srcdoc='<img src=/abc123/a/x>'>"
