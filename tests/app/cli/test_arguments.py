from __future__ import annotations

import argparse

import pytest

from app.cli.arguments import count, seconds, size
from app.cli.relay import _listen, _public_url
from app.domain.problems import HatchwayError


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("60", 60), ("86400", 86400), ("1e3", 1000)])
def test_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "86401", "soon"])
def test_no_seconds(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number of seconds"):
        seconds(text)


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("1500", 1500), ("2k", 2000), ("100M", 10**8), ("1g", 10**9)])
def test_size(text: str, value: int) -> None:
    assert size(text) == value


@pytest.mark.parametrize("text", ["", "k", "-5", "1.5M", "1_000", "10T", "٣"])
def test_no_size(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a size"):
        size(text)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "٣", "9999999999"])
def test_no_count(text: str) -> None:
    assert count("0") == 0
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number"):
        count(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:4780", ("127.0.0.1", 4780)),
        ("[::1]:0", ("::1", 0)),
        (":8080", ("0.0.0.0", 8080)),
        ("8080", ("127.0.0.1", 8080)),
        ("relay.example:80", ("relay.example", 80)),
    ],
)
def test_where_to_listen(text: str, address: tuple[str, int]) -> None:
    assert _listen(text) == address


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_nowhere_to_listen(text: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        _listen(text)
    assert caught.value.problem.code == "bad_address"


@pytest.mark.parametrize("text", ["https://t.example.com", "https://t.example.com/", "http://10.0.0.1:8080"])
def test_public_url(text: str) -> None:
    assert _public_url(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t.example.com",
        "ftp://t.example.com",
        "https://",
        "https://t/x",
        "https://t?x",
        "https://u@t",
        "https://t:0",
        "https://t:x",
    ],
)
def test_no_public_url(text: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        _public_url(text)
    assert caught.value.problem.code == "bad_public_url"
