from __future__ import annotations

import pytest

from app.filter.filter import parse
from tests.app.fake_workspace import an_exchange


@pytest.mark.parametrize("text", ["茶", "path:/茶杯", "path:茶", "-path:咖啡", "größe OR 茶", "url:茶", "杯?q=1"])
@pytest.mark.parametrize(
    "target", ["/%E8%8C%B6%E6%9D%AF?q=1", "/%e8%8c%b6%e6%9d%af?q=1", "/茶杯?q=1".encode().decode("latin-1")]
)
def test_letters_are_found_however_the_url_was_written(text: str, target: str) -> None:
    exchange = an_exchange("GET", target)
    exchange.public_url = f"http://x/shop{target}"
    assert parse(text).matches(exchange)


@pytest.mark.parametrize("text", ["咖啡", "path:/茶壶", "-茶"])
def test_other_letters_are_not(text: str) -> None:
    assert not parse(text).matches(an_exchange("GET", "/%E8%8C%B6"))


def test_ascii_and_other_fields_are_asked_as_they_are() -> None:
    assert parse("path:/a%2Fb").tree == parse("path:/a%2fb").tree
    assert not parse("note:茶").matches(an_exchange("GET", "/%E8%8C%B6"))
