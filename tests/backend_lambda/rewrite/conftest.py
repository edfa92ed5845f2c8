"""One tunnel in its two forms: below a prefix, and on a host of its own."""

from __future__ import annotations

import pytest

from backend_lambda.rewrite.context import RewriteContext


@pytest.fixture(scope="session")
def below_prefix() -> RewriteContext:
    return RewriteContext(
        "abc123", "/abc123", "https://t.example", "http://localhost:3000", visitor_address="203.0.113.7"
    )


@pytest.fixture(scope="session")
def on_own_host() -> RewriteContext:
    return RewriteContext(
        "abc123", "", "https://abc123.t.example", "http://localhost:3000", visitor_address="203.0.113.7"
    )


@pytest.fixture(scope="session")
def over_plain_http() -> RewriteContext:
    """An https app with a certificate of its own, shown on a LAN address."""
    return RewriteContext("abc123", "/abc123", "http://192.168.1.5:4780", "https://localhost:8443")
