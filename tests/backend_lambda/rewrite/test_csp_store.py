from __future__ import annotations

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp import map_policy

STORE = "https://bodies.s3.eu-central-1.amazonaws.com"
CONTEXT = RewriteContext("shop", "/shop", "https://t.example", "http://localhost:3000", store_origin=STORE)


def mapped(policy: str, context: RewriteContext = CONTEXT) -> str:
    return map_policy(policy, context, loader=True)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param("img-src 'self'", f"img-src 'self' {STORE}", id="images"),
        pytest.param("connect-src http://localhost:3000", f"connect-src https://t.example {STORE}", id="scripts"),
        pytest.param(
            "default-src 'self'; media-src 'none'",
            f"default-src 'self'; media-src 'none'; connect-src 'self' {STORE}; img-src 'self' {STORE}; "
            f"font-src 'self' {STORE}",
            id="default",
        ),
        pytest.param("img-src *", "img-src *", id="anywhere"),
        pytest.param("img-src 'self' https:", "img-src 'self' https:", id="every-host"),
        pytest.param("img-src 'none'", "img-src 'none'", id="none"),
        pytest.param("img-src https://cdn.example", "img-src https://cdn.example", id="not-its-own"),
        pytest.param("script-src 'self'", "script-src 'self'", id="nothing-there-may-run"),
        pytest.param("frame-src 'self'; style-src 'self'", "frame-src 'self'; style-src 'self'", id="nor-be-shown"),
    ],
)
def test_pages_may_load_from_the_store_what_they_may_load_from_their_app(given: str, wanted: str) -> None:
    assert mapped(given) == wanted
    assert mapped(wanted) == wanted


def test_without_a_store_nothing_is_added() -> None:
    context = RewriteContext("shop", "/shop", "https://t.example", "http://localhost:3000")
    assert mapped("img-src 'self'", context) == "img-src 'self'"


def test_a_page_without_the_runtime_gets_nothing() -> None:
    assert map_policy("img-src 'self'", CONTEXT) == "img-src 'self'"
