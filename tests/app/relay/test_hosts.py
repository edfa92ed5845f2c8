"""Whose Host headers a relay takes: its own at every reach, nobody's that could be rebound, none that is no host."""

from __future__ import annotations

import pytest

from app.relay.hosts import Hosts, RequestRefused, Scope, host_name

LOOPBACK = [
    "localhost",
    "LOCALHOST:4780",
    "localhost.",
    "shop.localhost:4780",
    "127.0.0.1:4780",
    "127.9.9.9",
    "[::1]:80",
]
EVIL = ["evil.example:4780", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost", "a'b.localhost"]
PUBLIC = {"computer": "127.0.0.1", "network": "192.168.1.5", "internet": "t.example.com"}


def hosts(scope: Scope) -> Hosts:
    return Hosts(scope, PUBLIC[scope], "Laptop.office.example")


def code(hosts: Hosts, *fields: str, authority: str | None = None) -> str:
    with pytest.raises(RequestRefused) as caught:
        hosts.choose(fields, authority)
    return caught.value.code


@pytest.mark.parametrize("scope", PUBLIC)
@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_ours_everywhere(scope: Scope, host: str) -> None:
    door = hosts(scope)
    assert door.choose([host], None) == host
    assert door.choose([host], None) == host, "remembered"


@pytest.mark.parametrize("scope", PUBLIC)
@pytest.mark.parametrize("host", EVIL)
def test_names_of_others_are_not(scope: Scope, host: str) -> None:
    door = hosts(scope)
    assert code(door, host) == "misdirected"
    assert code(door, host) == "misdirected", "not remembered"


@pytest.mark.parametrize(
    ("host", "scopes"),
    [
        ("192.168.1.5:4780", {"network", "internet"}),
        ("10.1.2.3", {"network", "internet"}),
        ("[fd00::5]:4780", {"network", "internet"}),
        ("0.0.0.0", {"network", "internet"}),
        ("laptop", {"network", "internet"}),
        ("LAPTOP.local.:4780", {"network", "internet"}),
        ("laptop.office.example", {"network", "internet"}),
        ("office.example", set()),
        ("t.example.com", {"internet"}),
        ("shop.T.example.com:443", {"internet"}),
        ("nott.example.com", set()),
        ("example.com", set()),
        ("shop.192.168.1.5", set()),
    ],
)
def test_what_else_is_ours(host: str, scopes: set[str]) -> None:
    for scope in PUBLIC:
        if scope in scopes:
            assert hosts(scope).choose([host], None) == host
        else:
            assert code(hosts(scope), host) == "misdirected"


NONSENSE = [
    'a b"<x>', "a b", "a\tb", "\xff", "", " ", ":80", "a:b", "a:b:c", "a:123456", "x@localhost", "localhost/", "[::",
    "::1", "[::1]x", "[127.0.0.1]x", "[1:2]", "[::g]", "a,b c", "localhost\\", "a%2", "a" * 256, "localhost:٣",
]  # fmt: skip


@pytest.mark.parametrize("host", NONSENSE)
def test_what_is_no_host(host: str) -> None:
    assert host_name(host) is None
    assert code(hosts("computer"), host) == "bad_request"
    assert code(hosts("computer"), "localhost", authority=host) == "bad_request"
    assert code(hosts("computer"), host, authority="localhost") == "bad_request", "RFC 9112 section 3.2"


@pytest.mark.parametrize(
    ("text", "name"),
    [("A.b:", "a.b"), ("a%2Fb", "a%2fb"), ("a_b~!$&'()*+,;=", "a_b~!$&'()*+,;="), ("[FD00::5]:1", "[fd00::5]")],
)
def test_the_name_in_a_host(text: str, name: str) -> None:
    assert host_name(text) == name


def test_how_many_there_must_be() -> None:
    door = hosts("computer")
    assert code(door) == "bad_request"
    assert code(door, "localhost", "localhost") == "bad_request"
    assert code(door, authority="localhost") == "bad_request"
    assert door.choose([], None, needed=False) == "localhost"
    assert door.choose([], "127.0.0.1", needed=False) == "127.0.0.1"


def test_an_absolute_target_counts_alone() -> None:
    door = hosts("computer")
    assert door.choose(["evil.example"], "shop.localhost:80") == "shop.localhost:80"
    assert code(door, "localhost", authority="evil.example") == "misdirected"


def test_what_is_remembered_is_bounded() -> None:
    door = hosts("computer")
    for port in range(3000):
        door.choose([f"127.0.0.1:{port}"], None)
    assert len(door._known) <= 256


def test_spaces_around_it_do_not_count() -> None:
    door = hosts("computer")
    assert [door.choose([" localhost\t"], None) for _ in range(2)] == ["localhost", "localhost"]
