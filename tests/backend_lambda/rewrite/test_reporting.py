from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.reporting import map_nel, map_report_to, map_reporting_endpoints


def _mark(url: str) -> str:
    return f"/p{url}" if url.startswith("/") else url


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('csp="/r"', 'csp="/p/r"', id="RH15-one"),
        pytest.param(
            'a="/r" , *b.c-d_1="https://o.example/r",  e="/s"',
            'a="/p/r" , *b.c-d_1="https://o.example/r",  e="/p/s"',
            id="RH15-several",
        ),
        pytest.param('a="/r";p="/x", b="/s"', 'a="/p/r";p="/x", b="/p/s"', id="RH15-parameter"),
        pytest.param('a="x,b=", c="/r"', 'a="x,b=", c="/p/r"', id="RH15-comma-in-a-string"),
        pytest.param('a="/\\"r"', 'a="/\\"r"', id="RH15-escape"),
        pytest.param('a="/r', 'a="/p/r', id="RH15-unfinished"),
        pytest.param('a=/r, A="/r"', 'a=/r, A="/r"', id="RH15-no-dictionary"),
    ],
)
def test_endpoints(value: str, expected: str) -> None:
    assert map_reporting_endpoints(value, _mark) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            '{"group":"csp", "max_age":60,"endpoints":[{"url":"/r","priority":1}, {"url" : "https://o.example/"}]}',
            '{"group":"csp", "max_age":60,"endpoints":[{"url":"/p/r","priority":1}, {"url" : "https://o.example/"}]}',
            id="RH15-report-to",
        ),
        pytest.param(
            '{"endpoints":[{"url":"/a"}]} , {"endpoints":[{"url":"\\/b"}]}',
            '{"endpoints":[{"url":"/p/a"}]} , {"endpoints":[{"url":"/p/b"}]}',
            id="RH15-report-to-list",
        ),
        *(
            pytest.param(value, value, id=f"RH15-report-to-{name}")
            for name, value in (
                ("values", '{"group":"url","x":"\\"url\\":\\"/r\\"","endpoints":[{"url":5}]}'),
                ("unchanged", '{"endpoints":[{"url":"https:\\/\\/o.example\\/"}]}'),
                ("no-json", '{"url":"/r"'),
                ("no-objects", '"url"'),
                ("empty", ""),
                ("deep", "[" * 100_000),
            )
        ),
    ],
)
def test_report_to(value: str, expected: str) -> None:
    assert map_report_to(value, _mark) == expected


def test_errors_of_the_network_are_the_origins_not_the_tunnels_rh15(
    below_prefix: RewriteContext, on_own_host: RewriteContext
) -> None:
    value = '{"report_to":"default","max_age":60}'
    assert map_nel(value, below_prefix) is None
    assert map_nel(value, on_own_host) == value


@given(st.text(alphabet='a*,;="\\/ {}[]:url', max_size=60))
def test_text_without_mappable_urls_is_copied(text: str) -> None:
    for function in (map_reporting_endpoints, map_report_to):
        assert function(text, lambda url: url) == text
        assert isinstance(function(text, _mark), str)


@pytest.mark.parametrize("piece", ['"', 'a="', ",", '"url":', "\\", "a"])
def test_long_text_takes_linear_time(piece: str) -> None:
    text = piece * 100_000
    assert map_reporting_endpoints(text, lambda url: url) == text
    members = ",".join(['{"url":"/x"}'] * 10_000)
    assert map_report_to(members, lambda url: url) == members
