"""`docs/filters.md` knows every field, word and operator there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.filter.fields import FIELDS, LARGER_THAN
from app.filter.mitmproxy import OPERATORS, UNSUPPORTED
from app.filter.parser import parse_tree

_page = (Path(__file__).resolve().parents[3] / "docs" / "filters.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_documented_with_its_words(field: object) -> None:
    name, choices, aliases = field.name, field.choices, field.aliases  # type: ignore[attr-defined]
    assert f"| `{name}:` |" in _page
    for word in (*choices, *(f"{alias}:" for alias in aliases)):
        assert f"`{word}`" in _page, word


def test_every_operator_is_documented() -> None:
    for name in (*OPERATORS, *UNSUPPORTED):
        assert f"`~{name}`" in _page, name
    assert LARGER_THAN in _page


def test_the_examples_on_top_are_filters() -> None:
    block = re.search(r"```\n(.*?)```", _page, re.DOTALL)
    assert block is not None
    for line in block[1].splitlines():
        parse_tree(line.split("   ")[0])
