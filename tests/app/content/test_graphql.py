from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.graphql import graphql_text, pretty_query


def test_a_request_shows_operation_query_and_variables() -> None:
    request = {
        "operationName": "Pay",
        "query": "mutation Pay($id: ID!) { pay(id: $id) { ok } }",
        "variables": {"id": "北京"},
    }
    assert graphql_text(request) == (
        "# mutation Pay\nmutation Pay($id: ID!) {\n  pay(id: $id) {\n    ok\n  }\n}\n\n"
        '# variables\n{\n  "id": "北京"\n}'
    )


def test_a_batch_shows_each() -> None:
    assert graphql_text([{"query": "{ a }"}, {"query": "subscription News { b }"}]) == (
        "# query\n{\n  a\n}\n\n# subscription News\nsubscription News {\n  b\n}"
    )


@pytest.mark.parametrize(
    "value",
    [None, [], 1, {"query": "shoes"}, {"query": 1}, {"query": "{ a }", "variables": [1]}, [{"query": "{a}"}, {}]],
)
def test_other_json_is_none(value: Any) -> None:
    assert graphql_text(value) is None


def test_fragments_aliases_directives_and_strings_stay_together() -> None:
    query = (
        '{ order(note: "a { b") { sum: amount @include(if: $x) ...F ... on Card { brand } } } fragment F on Order { x }'
    )
    assert pretty_query(query).split("\n") == [
        "{",
        '  order(note: "a { b") {',
        "    sum: amount @include(if: $x)",
        "    ...F",
        "    ... on Card {",
        "      brand",
        "    }",
        "  }",
        "}",
        "fragment F on Order {",
        "  x",
        "}",
    ]


def test_a_query_in_lines_stays_as_it_is() -> None:
    assert pretty_query("{\n    a\n}\n") == "{\n    a\n}"


@given(st.text(alphabet='{}():@!."# aB$,\\'))
def test_only_white_space_changes(query: str) -> None:
    assert "".join(pretty_query(query).split()) == "".join(query.split())
