from __future__ import annotations

import pytest

from app.doctor.address import Address

SHOP = Address("http://127.0.0.1:4780/shop")
OWN = Address("http://localhost:3000")


@pytest.mark.parametrize(
    ("url", "outside"),
    [
        ("http://127.0.0.1:4780/api", True),
        ("ws://127.0.0.1:4780/hmr", True),
        ("http://127.0.0.1:4780/shopping/x", True),
        ("http://127.0.0.1:4780/", True),
        ("http://127.0.0.1:4780/shop", False),
        ("http://127.0.0.1:4780/shop?x", False),
        ("http://127.0.0.1:4780/shop/api", False),
        ("http://127.0.0.1:4780/favicon.ico", False),
        ("http://127.0.0.1:47801/api", False),
        ("https://elsewhere.example/api", False),
        ("data:text/plain,/api", False),
    ],
)
def test_what_is_outside_of_a_prefix(url: str, outside: bool) -> None:
    assert SHOP.is_outside(url) is outside
    assert not OWN.is_outside(url.replace("127.0.0.1:4780", "localhost:3000"))


@pytest.mark.parametrize("address", [SHOP, OWN], ids=["tunnel", "direct"])
def test_the_same_text_whichever_way_the_app_is_reached(address: Address) -> None:
    websocket = address.base.replace("http", "ws")
    assert address.plain(f"GET {address.base}/a and {websocket}/b") == "GET U/a and W/b"
    assert address.plain(f"GET {address.origin}/a") == "GET U/a"
    assert (
        address.comparable(f"{address.prefix}/a?t=1700000000 of 123e4567-e89b-12d3-a456-426614174000") == "/a?t=… of …"
    )


def test_what_only_begins_like_it_is_something_else() -> None:
    assert SHOP.plain("http://127.0.0.1:4780/shop2/x") == "U/shop2/x"
    assert SHOP.plain("http://127.0.0.1:47801/x") == "http://127.0.0.1:47801/x"
    assert SHOP.comparable("/shop-2 /shop.js /shop") == "/shop-2 /shop.js "


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("http://127.0.0.1:4780/shop/a?b#c", "/a?b#c"),
        ("http://127.0.0.1:4780/a", "/a"),
        ("http://127.0.0.1:4780/shop", "/"),
        ("ws://127.0.0.1:4780/shop/hmr", "/hmr"),
        ("https://cdn.example/x.js", "https://cdn.example/x.js"),
        ("data:text/html,<p>long", "data:text/html,…"),
    ],
)
def test_how_a_developer_of_the_app_would_write_it(url: str, short: str) -> None:
    assert SHOP.short(url) == short
