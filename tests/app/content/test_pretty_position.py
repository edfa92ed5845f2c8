from __future__ import annotations

import pytest

from app.content.json_position import JsonPath
from app.content.pretty import pretty_json
from app.content.pretty_position import pretty_place

MARK = "\u2060↩"
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
    ("line", "path", "value"),
    [
        (0, (), PRETTY),
        (1, ("a",), '[\n    1,\n    {\n      "b c": "x"\n    },\n    []\n  ]'),
        (2, ("a", 0), "1"),
        (3, ("a", 1), '{\n      "b c": "x"\n    }'),
        (4, ("a", 1, "b c"), '"x"'),
        (5, ("a", 1), '{\n      "b c": "x"\n    }'),
        (6, ("a", 2), "[]"),
        (7, ("a",), '[\n    1,\n    {\n      "b c": "x"\n    },\n    []\n  ]'),
        (8, ("d",), "{}"),
        (9, ("e",), "null"),
        (10, (), PRETTY),
    ],
)
def test_each_line_of_pretty_text_has_its_path(line: int, path: JsonPath, value: str) -> None:
    lines = PRETTY.split("\n")
    begin = sum(len(each) + 1 for each in lines[:line])
    for offset in (begin, begin + len(lines[line])):
        place = pretty_place(PRETTY, offset)
        assert place is not None
        assert (place.path, PRETTY[place.start : place.end]) == (path, value)
        assert place.scalar == (value in ("1", '"x"', "null"))


@pytest.mark.parametrize(
    ("text", "offset"), [("}", 0), ("]}", 1), ("  x", 2), ("{\n  1\n}", 4), ("x\n  1", 4), ('{\n    "a": 1\n}', 6)]
)
def test_lines_that_are_not_of_valid_json_have_no_path(text: str, offset: int) -> None:
    assert pretty_place(text, offset) is None


def test_lines_that_go_on_are_one() -> None:
    long = "  x" * 3
    text = f'[\n  "a",\n  "{long}",\n  {{\n    "k": "{long}"\n  }},\n  7\n]'
    broken = text.replace("  x  x", f'  x{MARK}\n  "{MARK}\n  x').replace(f'"{MARK}', f"x{MARK}")
    for wanted, path in (("7", (2 + 1,)), ('"k"', (2, "k"))):
        place = pretty_place(broken, broken.index(wanted), MARK)
        assert place is not None
        assert place.path == path
    place = pretty_place(broken, broken.index("\n  x") + 3, MARK)
    assert place is not None
    assert place.path == (1,)
    assert broken[place.start : place.end].replace(f"{MARK}\n", "").startswith('"  x')


def test_a_line_that_goes_on_may_look_like_one_that_opens() -> None:
    text = f'[\n  {{\n    "a": "x{MARK}\n{{{MARK}\n  {{",\n    "b": 2\n  }}\n]'
    place = pretty_place(text, text.index("2"), MARK)
    assert place is not None
    assert place.path == (0, "b")


def test_deeper_than_the_indentation_goes_is_unknown() -> None:
    text = pretty_json("[" * 90 + "1" + "]" * 90)
    assert pretty_place(text, text.index("1")) is None
    near = pretty_json("[" * 79 + "1" + "]" * 79)
    place = pretty_place(near, near.index("1"))
    assert place is not None
    assert place.path == (0,) * 79
