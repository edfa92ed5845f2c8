from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aws.emulator.vtl import Template
from tests.aws.emulator.vtl_expressions import TemplateError
from tests.aws.emulator.vtl_variables import json_path, variables


def render(template: str, body: str = "{}", **context: Any) -> str:
    return Template(template).render(variables(body, context))


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("plain # $ text $5", "plain # $ text $5"),
        ("#set($a = 1 + 2 * 3)\n$a", "7"),
        ("#set($t = $context.requestTimeEpoch / 1000 + 120)$t", "1700000120"),
        ("#set($a = 'x')${a}y$!{b}z", "xyz"),
        ("$unknown.thing stays", "$unknown.thing stays"),
        ("[$!unknown]", "[]"),
        ("[$context.missing]", "[]"),
        ("$context.identity.sourceIp", "1.2.3.4"),
        ("#if($context.stage == 'live' && !$nothing)yes#{else}no#end", "yes"),
        ("#if($context.stage == 'x')a#elseif(1 > 2)b#{else}c#end", "c"),
        ("#foreach($n in [1, 2, 3])$n#if($foreach.hasNext),#end#end", "1,2,3"),
        ("## gone\nstays #* gone *#too", "stays too"),
        ("""$util.escapeJavaScript("it's").replaceAll("\\\\'","'")""", "it's"),
        ("$util.urlEncode('a b')$util.base64Encode('x')$util.base64Decode('eA==')", "a%20beA==x"),
        ("$util.time.nowEpochSeconds()", "$util.time.nowEpochSeconds()"),  # AppSync has it, API Gateway has not
        ("$math.add(1, 2)", "$math.add(1, 2)"),
        ('#set($s = "in $context.stage")$s.length()', "7"),
        ("$input.params('x')|$input.params().size()", "|0"),
    ],
)
def test_templates(template: str, output: str) -> None:
    context: dict[str, Any] = {
        "stage": "live",
        "requestTimeEpoch": 1_700_000_000_999,
        "identity": {"sourceIp": "1.2.3.4"},
    }
    assert render(template, **context) == output


@pytest.mark.parametrize("template", ["#if(1)", "#end", "#set($x)", "#set(1 = 2)", "${a", "#if(", "x" * 307_201])
def test_broken_templates_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        Template(template)


@given(st.text())
def test_input_json_is_a_complete_literal_whatever_the_text(text: str) -> None:
    output = render("{\"S\": $input.json('$.x')}", json.dumps({"x": text}))
    assert json.loads(output) == {"S": text}


def test_input_path_in_quotes_is_a_hole() -> None:
    """The trap: what an agent sends becomes part of the request."""
    body = json.dumps({"x": '"},"pk":{"S":"stolen'})
    output = render('{"pk":{"S":"mine"},"x":{"S":"$input.path(\'$.x\')"}}', body)
    assert json.loads(output)["pk"] == {"S": "stolen"}


def test_input_body_is_the_raw_text() -> None:
    assert render("$input.body", "no json") == "no json"
    assert render("$input.json('$.x')|$input.path('$.x')", "no json") == '""|'


def test_paths() -> None:
    document = {"a": {"b-c": [1, {"d": 2}]}, "e f": 3}
    assert json_path(document, "$.a.b-c[1].d") == 2
    assert json_path(document, "$['e f']") == 3
    assert json_path(document, "$.a.x[9]") is None
    assert json_path(document, "$") == document
    with pytest.raises(ValueError, match="no JSON path"):
        json_path(document, "a")
