from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.json_position import JsonPath, path_text, place_at
from app.content.pretty import pretty_json
from app.content.pretty_position import pretty_place

TEXT = '{"a": [1, {"b c": "x"}, []], "d": {}, "e": null}'
PRETTY = """{
  "a": [
    1,
    {
      "b c": "x"
    },
    []
  ],
  "d": {},
  "e": null
}"""


@pytest.mark.parametrize(
    ("at", "path", "value"),
    [
        ('{"a"', (), TEXT),
        ('"a"', ("a",), '[1, {"b c": "x"}, []]'),
        (": [1", ("a",), '[1, {"b c": "x"}, []]'),
        ("1", ("a", 0), "1"),
        (', {"b', ("a", 0), "1"),
        ('{"b', ("a", 1), '{"b c": "x"}'),
        ("b c", ("a", 1, "b c"), '"x"'),
        ("x", ("a", 1, "b c"), '"x"'),
        ("}, []", ("a", 1), '{"b c": "x"}'),
        ("[]", ("a", 2), "[]"),
        ("]], ", ("a", 2), "[]"),
        ('], "d"', ("a",), '[1, {"b c": "x"}, []]'),
        ("{}", ("d",), "{}"),
        ("null", ("e",), "null"),
        ("l}", ("e",), "null"),
    ],
)
def test_each_place_of_any_text_has_its_path(at: str, path: JsonPath, value: str) -> None:
    place = place_at(TEXT, TEXT.index(at))
    assert place is not None
    assert (place.path, TEXT[place.start : place.end]) == (path, value)


def test_what_breaks_off_is_read_as_far_as_it_goes() -> None:
    cut = PRETTY[: PRETTY.index(",\n    []")]
    place = pretty_place(cut, cut.index("b c"))
    assert place is not None
    assert place.path == ("a", 1, "b c")
    place = pretty_place(cut, 0)
    assert place is not None
    assert (place.path, place.end) == ((), len(cut))
    place = place_at('{"a": ["b', 9)
    assert place is not None
    assert (place.path, place.start, place.end) == (("a", 0), 7, 9)
    place = place_at('{"a": [1', 6)
    assert place is not None
    assert (place.path, place.end) == (("a",), 8)


@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
def test_nothing_is_nowhere(text: str) -> None:
    for offset in range(len(text) + 1):
        assert place_at(text, offset) is None
        assert pretty_place(text, offset) is None


@pytest.mark.parametrize("text", ["[" + '"a" ' * 100_000, '["' + "x" * 3_000_000, '["' + '\\"' * 1_000_000])
def test_long_texts_without_brackets_take_linear_time(text: str) -> None:
    place = place_at(text, len(text) // 2)
    assert place is not None
    assert place.path == (0,)
    assert pretty_place(text, len(text) // 2) is not None


def test_json_lines_have_paths_of_their_own() -> None:
    text = pretty_json('{"a": 1}\n{"b": [2]}')
    place = pretty_place(text, text.index("2"))
    assert place is not None
    assert place.path == ("b", 0)
    place = place_at('{"a": 1}\n{"b": [2]}', 16)
    assert place is not None
    assert place.path == ("b", 0)


def test_work_that_is_no_longer_wanted_stops() -> None:
    stop = threading.Event()
    stop.set()
    text = json.dumps(list(range(10_000)))
    assert place_at(text, len(text) - 3, stop) is None
    pretty = pretty_json(text)
    assert pretty_place(pretty, len(pretty) - 3, stop=stop) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "."),
        (("a", "b_1", "$c-d"), ".a.b_1.$c-d"),
        (("items", 0, "id"), ".items[0].id"),
        ((3, 4), "[3][4]"),
        (("a b", "", '"', "北"), '.["a b"].[""].["\\""].["北"]'),
    ],
)
def test_paths_are_written_as_in_filters(path: JsonPath, text: str) -> None:
    assert path_text(path) == text


KEYS = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def at_path(document: Any, path: JsonPath) -> Any:
    for step in path:
        document = document[step]
    return document


@given(VALUES, st.data(), st.booleans())
def test_path_and_value_agree_with_a_parser(document: Any, data: st.DataObject, ascii_only: bool) -> None:
    source = json.dumps(document, ensure_ascii=ascii_only)
    for text, find in ((pretty_json(source), pretty_place), (source, place_at)):
        offset = data.draw(st.integers(0, len(text)))
        place = find(text, offset)
        assert place is not None
        assert json.loads(text[place.start : place.end]) == at_path(document, place.path)
        assert place.scalar != isinstance(at_path(document, place.path), list | dict)


@given(st.text('{}[]",: \n\\a1'), st.integers(0, 40))
def test_any_text_is_safe(text: str, offset: int) -> None:
    for place in (place_at(text, offset), pretty_place(text, offset), pretty_place(text, offset, ",")):
        assert place is None or 0 <= place.start <= place.end <= len(text)
