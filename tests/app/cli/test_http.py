from __future__ import annotations

import argparse

import pytest

from app.cli.http import _banner, _endpoint
from app.cli.parser import build_parser
from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream


def options(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(["http", "3000", *arguments])


@pytest.mark.parametrize(
    ("relay", "url"),
    [
        ("https://t.example.com", "wss://t.example.com/__hw/agent"),
        ("wss://t.example.com:8443/relay/", "wss://t.example.com:8443/relay/__hw/agent"),
        ("http://localhost:4780", "ws://localhost:4780/__hw/agent"),
        ("ws://LOCALHOST", "ws://LOCALHOST/__hw/agent"),
        ("http://127.8.0.1:4780/", "ws://127.8.0.1:4780/__hw/agent"),
        ("http://[::1]:4780", "ws://[::1]:4780/__hw/agent"),
    ],
)
def test_where_a_relay_is(relay: str, url: str) -> None:
    endpoint = _endpoint(options("--relay", relay))
    assert endpoint is not None
    assert endpoint.url == url


@pytest.mark.parametrize(
    "relay",
    [
        "http://t.example.com",
        "ws://t.example.com:4780",
        "http://192.168.1.2:4780",
        "http://[fe80::1]",
        "http://0.0.0.0:4780",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
    ],
)
def test_no_token_goes_in_clear_over_a_network(relay: str) -> None:
    with pytest.raises(HatchwayError, match="unencrypted") as caught:
        _endpoint(options("--relay", relay))
    assert caught.value.problem.code == "bad_relay_url"
    assert caught.value.problem.hint.startswith("Use https://")


def test_without_a_relay_there_is_the_embedded_one() -> None:
    assert _endpoint(options()) is None


def test_nothing_of_a_relay_steers_the_terminal() -> None:
    urls = TunnelUrls("https://x/\x1b[2J", "https://x/\x9b2J")
    banner = _banner(TunnelStatus(TunnelSpec("x", Upstream("http", "localhost", 1)), TunnelState.ONLINE, urls))
    assert banner.replace("\n", "").isprintable()
