"""URLs and scope that a relay announces, the configuration that reaches the core, and the relay's own paths."""

from __future__ import annotations

import json

import pytest

from app.relay.application import RelayConfig, scope_of, tunnel_urls
from tests.e2e.tunnels import relay_here
from tests.e2e.visitor import ask, get


@pytest.mark.parametrize(
    ("base", "path_url", "host_url"),
    [
        ("http://127.0.0.1:4780", "http://127.0.0.1:4780/shop/", "http://shop.localhost:4780/"),
        ("http://localhost:4780", "http://localhost:4780/shop/", "http://shop.localhost:4780/"),
        ("http://[::1]:4780", "http://[::1]:4780/shop/", "http://shop.localhost:4780/"),
        ("http://127.0.0.2:80", "http://127.0.0.2:80/shop/", "http://shop.localhost:80/"),
        ("http://192.168.1.5:4780", "http://192.168.1.5:4780/shop/", None),
        ("http://[fd00::5]:4780", "http://[fd00::5]:4780/shop/", None),
        ("https://relay.example.com", "https://relay.example.com/shop/", None),
        ("https://relay.example.com/base", "https://relay.example.com/base/shop/", None),
        ("https://localhost", "https://localhost/shop/", "https://shop.localhost/"),
    ],
)
def test_urls_of_a_tunnel(base: str, path_url: str, host_url: str | None) -> None:
    assert tunnel_urls(base, "shop") == (path_url, host_url)


@pytest.mark.parametrize(
    ("public_host", "scope"),
    [
        ("localhost", "computer"),
        ("127.0.0.1", "computer"),
        ("127.8.9.1", "computer"),
        ("::1", "computer"),
        ("a.localhost", "computer"),
        ("192.168.1.5", "network"),
        ("10.0.0.1", "network"),
        ("172.16.0.9", "network"),
        ("169.254.1.1", "network"),
        ("100.64.0.1", "network"),
        ("fd00::1", "network"),
        ("fe80::1", "network"),
        ("laptop", "network"),
        ("laptop.local", "network"),
        ("box.lan", "network"),
        ("a.internal", "network"),
        ("nas.home.arpa", "network"),
        ("8.8.8.8", "internet"),
        ("2606:4700::1111", "internet"),
        ("relay.example.com", "internet"),
    ],
)
def test_how_far_urls_reach(public_host: str, scope: str) -> None:
    assert scope_of(public_host) == scope


async def test_health_and_the_reserved_paths() -> None:
    async with relay_here(RelayConfig()) as relay:
        health = await ask(relay.port, get("/__hw/health"))
        assert (health.status, health.header("content-type")) == (200, "application/json")
        assert json.loads(health.body) == {"hatchway": "relay", "protocol": 1}
        assert (await ask(relay.port, get("/__hw/health", method="HEAD"), "HEAD")).body == b""
        assert (await ask(relay.port, get("/__hw/other"))).status == 404


async def test_no_server_or_date_of_ours_is_added() -> None:
    async with relay_here(RelayConfig()) as relay:
        answer = await ask(relay.port, get("/none/"))
        assert answer.header("server") is None
        assert answer.header("date") is None
