from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.embedded_urls import map_link, map_quoted_list, map_refresh, map_srcset


def _mark(url: str) -> str:
    return f"/p{url}" if url.startswith("/") else url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a 1x, /b,c.png 2x,/d", "/p/a 1x, /p/b,c.png 2x,/p/d"),
        (" ,/a,, /b 2x ,", " ,/p/a,, /p/b 2x ,"),
        ("/a (1x, /2x), /b", "/p/a (1x, /2x), /p/b"),
        ("data:,a,b 1x, /c 2x", "data:,a,b 1x, /p/c 2x"),
        ("a 1x", "a 1x"),
        (" , ", " , "),
    ],
)
def test_srcset(text: str, expected: str) -> None:
    assert map_srcset(text, _mark) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0;url=/n", "0;url=/p/n"),
        ("0; URL='/n'", "0; URL='/p/n'"),
        ('3 , url = "/n" rest', '3 , url = "/p/n" rest'),
        ("0;/n", "0;/p/n"),
        (".5 /n", ".5 /p/n"),
        ("0;url='/n", "0;url='/p/n"),
        ("5", "5"),
        ("5;", "5;"),
        ("0;url", "0;url"),
        ("soon;/n", "soon;/n"),
    ],
)
def test_refresh(text: str, expected: str) -> None:
    assert map_refresh(text, _mark) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("</a.css>; rel=preload; as=style, </b>; rel=next", "</p/a.css>; rel=preload; as=style, </p/b>; rel=next"),
        ('<x>; imagesrcset="/c 1x, /d 2x"', '<x>; imagesrcset="/p/c 1x, /p/d 2x"'),
        ('</a>; title="</b>, \\"</c>"; ANCHOR = "/d"', '</p/a>; title="</b>, \\"</c>"; ANCHOR = "/p/d"'),
        ('</a>; title="</b>', '</p/a>; title="</b>'),
        ("</a", "</a"),
    ],
)
def test_link(text: str, expected: str) -> None:
    assert map_link(text, _mark) == expected


def test_quoted_list() -> None:
    assert map_quoted_list('"/a.json", "b.json" , "/c', _mark) == '"/p/a.json", "b.json" , "/p/c'


@given(st.text(alphabet="/a,;=<>\"\\ ()'url0anchor", max_size=60))
def test_text_without_mappable_urls_is_copied(text: str) -> None:
    for function in (map_srcset, map_refresh, map_link, map_quoted_list):
        assert function(text, lambda url: url) == text


@pytest.mark.parametrize("character", ['"\\"', "<", "(", ",", " ", "0"])
def test_long_unfinished_text_takes_linear_time(character: str) -> None:
    text = character * 200_000  # quadratic scanning would run into the time limit of the test run
    for function in (map_srcset, map_refresh, map_link, map_quoted_list):
        assert function(text, lambda url: url) == text
