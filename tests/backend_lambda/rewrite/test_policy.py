from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.policy import plan_response


def test_headers_are_decided_before_the_body(below_prefix: RewriteContext) -> None:
    headers = [("Location", "/x"), ("Content-Length", "5")]
    plan = plan_response(302, headers, below_prefix, method="GET", request_path="/")
    assert (plan.status, plan.layers, plan.body_changed) == (302, "L0", False)
    assert plan.headers == [("Location", "/abc123/x"), ("Content-Length", "5")]


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_body_passes_byte_for_byte(chunks: list[bytes]) -> None:
    context = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
    plan = plan_response(200, [("Content-Type", "text/html")], context, method="GET")
    assert b"".join([*map(plan.feed, chunks), plan.close()]) == b"".join(chunks)
