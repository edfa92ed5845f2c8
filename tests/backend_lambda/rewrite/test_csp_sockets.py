from __future__ import annotations

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp import map_policy

API = "wss://api.execute-api.eu-central-1.amazonaws.com"
CONTEXT = RewriteContext("shop", "/shop", "https://t.example", "http://localhost:3000", socket_url=f"{API}/live")


def mapped(policy: str, context: RewriteContext = CONTEXT) -> str:
    return map_policy(policy, context, loader=True)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param("connect-src 'self'", f"connect-src 'self' {API}", id="self"),
        pytest.param(
            "connect-src ws://localhost:3000",
            f"connect-src wss://t.example {API} https://t.example/shop/",
            id="only-sockets",
        ),
        pytest.param("default-src 'self'", f"default-src 'self'; connect-src 'self' {API}", id="default"),
        pytest.param("connect-src *", "connect-src *", id="anywhere"),
        pytest.param("connect-src 'self' wss:", "connect-src 'self' wss:", id="every-socket"),
        pytest.param("connect-src 'none'", "connect-src 'none'", id="none"),
        pytest.param("connect-src https://api.example", "connect-src https://api.example", id="not-its-own"),
        pytest.param("img-src 'self'", "img-src 'self'", id="no-word-about-it"),
    ],
)
def test_pages_may_connect_where_their_sockets_really_go(given: str, wanted: str) -> None:
    assert mapped(given) == wanted
    assert mapped(wanted) == wanted


def test_where_sockets_go_to_the_page_s_own_origin_nothing_is_added() -> None:
    context = RewriteContext("shop", "/shop", "https://t.example", "http://localhost:3000")
    assert mapped("connect-src 'self'", context) == "connect-src 'self'"


def test_a_page_without_the_runtime_gets_nothing() -> None:
    assert map_policy("connect-src 'self'", CONTEXT) == "connect-src 'self'"
