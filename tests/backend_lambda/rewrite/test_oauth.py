from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.oauth import map_embedded

_IDP = "https://idp.example/authorize"
_PUBLIC = "https%3A%2F%2Ft.example%2Fabc123"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            f"{_IDP}?redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb&state=x",
            f"{_IDP}?redirect_uri={_PUBLIC}%2Fcb&state=x",
            id="RH2-redirect",
        ),
        pytest.param(
            f"{_IDP}?a&redirect_uri=http%3a%2f%2fLocalHost%3a3000%2fcb%3Fx%3d%25%41+b#f?c=http://localhost:3000/",
            f"{_IDP}?a&redirect_uri={_PUBLIC}%2fcb%3Fx%3d%25%41+b#f?c=http://localhost:3000/",
            id="RH2-bytes-stay",
        ),
        pytest.param(
            f"{_IDP}?continue=http://localhost:3000/cb",
            f"{_IDP}?continue=https://t.example/abc123/cb",
            id="RH2-not-encoded",
        ),
        pytest.param(f"{_IDP}?r=http%3A%2F%2F127.0.0.1%3A3000", f"{_IDP}?r={_PUBLIC}%2F", id="RH2-origin-alone"),
        pytest.param(f"{_IDP}?r=https%3A%2F%2Ft.example%2Fcb", f"{_IDP}?r={_PUBLIC}%2Fcb", id="RH2-public-origin"),
        pytest.param(
            "//idp.example/?r=http://localhost:3000/",
            "//idp.example/?r=https://t.example/abc123/",
            id="RH2-network-path",
        ),
        *(
            pytest.param(url, url, id=f"RH2-{name}")
            for name, url in (
                ("state", f"{_IDP}?state=http%3A%2F%2Flocalhost%3A3000%2F&RelayState=http://localhost:3000/"),
                ("public", f"{_IDP}?r={_PUBLIC}%2Fcb"),
                ("other", f"{_IDP}?r=http%3A%2F%2Flocalhost%3A3001%2Fcb"),
                ("alike", f"{_IDP}?r=http%3A%2F%2Flocalhost%3A3000.evil%2F"),
                ("twice-encoded", f"{_IDP}?r=http%253A%252F%252Flocalhost%253A3000%252Fcb"),
                ("path", f"{_IDP}?r=%2Fcb"),
                ("text", f"{_IDP}?q=see+http%3A%2F%2Flocalhost%3A3000"),
                ("network-path", f"{_IDP}?r=%2F%2Flocalhost%3A3000%2Fcb"),
                ("websocket", f"{_IDP}?r=ws%3A%2F%2Flocalhost%3A3000%2F"),
                ("fragment", f"{_IDP}#a?r=http://localhost:3000/"),
                ("no-query", _IDP),
                ("own", "http://localhost:3000/login?next=http%3A%2F%2Flocalhost%3A3000%2F"),
                ("own-path", "/login?next=http%3A%2F%2Flocalhost%3A3000%2F"),
                ("relative", "?next=http%3A%2F%2Flocalhost%3A3000%2F"),
                ("empty", ""),
            )
        ),
    ],
)
def test_address_of_the_app_in_a_foreign_query(url: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_embedded(url, below_prefix) == expected
    assert map_embedded(expected, below_prefix) == expected


def test_on_a_host_of_its_own(on_own_host: RewriteContext) -> None:
    mapped = map_embedded(f"{_IDP}?r=http%3A%2F%2Flocalhost%3A3000%2Fcb", on_own_host)
    assert mapped == f"{_IDP}?r=https%3A%2F%2Fabc123.t.example%2Fcb"


_pieces = st.sampled_from(
    ["http%3A%2F%2Flocalhost%3A3000", "http://localhost:3000", "https%3a//t.example", "%", "%2", "%2F", "/", "?", "#",
     "&", "=", "r=", "state=", "x", "é", "+", " "]
)  # fmt: skip


@given(st.lists(_pieces, max_size=10).map("".join))
def test_mapping_twice_is_mapping_once(tail: str) -> None:
    context = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
    once = map_embedded(f"{_IDP}?{tail}", context)
    assert map_embedded(once, context) == once
    assert once.count("&") == tail.count("&")
