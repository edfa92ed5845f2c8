from __future__ import annotations

import json
import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.pretty import hex_lines, json_chunks, pretty_form, pretty_json, pretty_xml

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_pretty_json_equals_the_standard_indentation(value: object) -> None:
    assert pretty_json(json.dumps(value, ensure_ascii=False)) == json.dumps(value, ensure_ascii=False, indent=2)


def test_numbers_duplicates_and_escapes_stay_as_they_came() -> None:
    assert pretty_json('{"a":1.0e5,"a":12345678901234567890,"b":"\\u00e9"}') == (
        '{\n  "a": 1.0e5,\n  "a": 12345678901234567890,\n  "b": "\\u00e9"\n}'
    )


@given(values, st.data())
def test_a_cut_document_loses_nothing_but_white_space(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(0, len(text)))]
    assert "".join(pretty_json(cut).split()) == "".join(cut.split())


def test_json_lines_get_a_line_each() -> None:
    assert pretty_json('{"a":1}\n{"a":2}') == '{\n  "a": 1\n}\n{\n  "a": 2\n}'


def test_the_limit_ends_the_work() -> None:
    text = "[" + "1," * 1_000_000 + "1]"
    assert 100 < len(pretty_json(text, 100)) < 200


def test_deep_nesting_does_not_explode() -> None:
    assert len(pretty_json("[" * 5_000)) < 5_000 * 200


def test_a_set_stop_ends_the_work() -> None:
    stop = threading.Event()
    stop.set()
    assert len(pretty_json("[" + "1," * 100_000, stop=stop)) < 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><b/>x</a>", "<a>\n  <b/>x</a>"),
        ("<a><b>x</b><c/></a>", "<a>\n  <b>x</b>\n  <c/>\n</a>"),
        ("<a></a>", "<a></a>"),
        ("<?xml version='1.0'?><a><!-- <b> --><c/></a>", "<?xml version='1.0'?>\n<a>\n  <!-- <b> -->\n  <c/>\n</a>"),
        ("<a>\n    <b/>\n</a>", "<a>\n  <b/>\n</a>"),
        ("<a><![CDATA[<x>]]></a>", "<a><![CDATA[<x>]]></a>"),
        ("<a><b", "<a>\n  <b"),
    ],
)
def test_pretty_xml(text: str, expected: str) -> None:
    assert pretty_xml(text) == expected


def test_pretty_form() -> None:
    assert pretty_form("name=J%C3%B6rg&q=a+b&&flag&x=1=2") == "name = Jörg\nq = a b\nflag = \nx = 1=2"


def test_hex_lines() -> None:
    assert list(hex_lines(b"0123456789abcdef\x00A")) == [
        "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef",
        "00000010  00 41                                             ·A",
    ]


@given(st.text('{}[],:"\\\\ab1 \n', max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_a_text_in_pieces_is_laid_out_as_the_whole(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert "".join(json_chunks(pieces)) == pretty_json(text)
