from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.pretty import pretty_json
from app.filter.filter import parse
from app.viewmodels.json_pick import JsonPick, json_pick
from app.viewmodels.laid_out import SOFT_LINE, lay_out
from tests.app.fake_workspace import an_exchange

BODY = '{"error": {"code": "card_declined", "text": "a \\"b\\" 北", "tries": [1, 2.5, true, null]}}'


def pick(source: str, wanted: str, *, pretty: bool = True) -> JsonPick | None:
    """What is at the first place of `wanted`."""
    content = lay_out([pretty_json(source) if pretty else source])
    before = content.text[: content.text.index(wanted)]
    return json_pick(content, before.count("\n"), len(before.rpartition("\n")[2]), pretty=pretty, side="resp")


@pytest.mark.parametrize("pretty", [True, False])
@pytest.mark.parametrize(
    ("at", "pick_"),
    [
        ("card", JsonPick(".error.code", "card_declined", "resp.json:.error.code=card_declined")),
        ("北", JsonPick(".error.text", 'a "b" 北', r'resp.json:.error.text="a \"b\" 北"')),
        ("2.5", JsonPick(".error.tries[1]", "2.5", "resp.json:.error.tries[1]=2.5")),
        ("true", JsonPick(".error.tries[2]", "true", "resp.json:.error.tries[2]=true")),
        ("null", JsonPick(".error.tries[3]", "null", "resp.json:.error.tries[3]=null")),
    ],
)
def test_a_value_is_picked(at: str, pick_: JsonPick, pretty: bool) -> None:
    assert pick(BODY, at, pretty=pretty) == pick_


def test_lists_and_objects_are_copied_as_they_are_shown() -> None:
    assert pick('{"a": [1,{}]}', "[") == JsonPick(".a", "[\n    1,\n    {}\n  ]", "")
    assert pick('{"a": [1,{}]}', "[", pretty=False) == JsonPick(".a", "[1,{}]", "")


@pytest.mark.parametrize("pretty", [True, False])
def test_softly_broken_lines_are_one(pretty: bool) -> None:
    long = "x" * (3 * SOFT_LINE) + "end"
    source = json.dumps({"😀" * 900: {"long": long}, "next": [7]}, ensure_ascii=False)
    found = pick(source, "end", pretty=pretty)
    assert found is not None
    assert (found.path, found.value, found.condition) == (f'.["{"😀" * 900}"].long', long, "")
    found = pick(source, "7", pretty=pretty)
    assert found is not None
    assert found.path == ".next[0]"


def test_without_a_side_there_is_no_condition() -> None:
    assert json_pick(lay_out(["[1]"]), 0, 1, pretty=False, side=None) == JsonPick("[0]", "1", "")


def test_outside_there_is_nothing() -> None:
    assert json_pick(lay_out(["  "]), 0, 1, pretty=True, side="req") is None
    assert json_pick(lay_out(["[1]"]), 9, 9, pretty=False, side="req") is not None, "after the end, it is the last"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.sampled_from(["true", "null", "NaN", "Infinity", "5", "1e3", "a b", "(x", 'x"y', "\\", "OR", "-", ""])


@given(TEXTS, SCALARS | TEXTS | WORDS)
def test_the_condition_finds_the_exchange_again(key: str, value: Any) -> None:
    body = json.dumps({key: [0, {"k": value}]})
    content = lay_out([body])
    found = json_pick(content, 0, len(body) - 4, pretty=False, side="resp")
    assert found is not None
    exchange = an_exchange(answer=body.encode())
    exchange.response_headers = (("Content-Type", "application/json"),)
    assert parse(found.condition).matches(exchange)
    assert not parse(f"-{found.condition}").matches(exchange)
