"""Which hosts can only mean this computer, however they are written."""

from __future__ import annotations

import pytest

from app.domain.hosts import ip_address, is_loopback_host

LOCAL = [
    "localhost", "LocalHost", "localhost.", "shop.localhost", "a.b.localhost.", "127.0.0.1", "127.255.3.4", "127.0.0.0",
    "::1", "[::1]", "0:0:0:0:0:0:0:1", "[::ffff:127.0.0.1]",
]  # fmt: skip
ELSEWHERE = [
    "", ".", "localhost.evil.com", "127.evil.com", "127.0.0.1.nip.io", "notlocalhost", "evil-localhost", "127",
    "127.1", "128.0.0.1", "0.0.0.0", "::", "[::]", "10.0.0.1", "[::2]", "[::ffff:10.0.0.1]", "[::1", "127.0.0.1:80",
    "localhost:80", "[]", "xn--localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", LOCAL)
def test_what_is_this_computer(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_what_may_be_another(host: str) -> None:
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    ("host", "address"), [("10.0.0.1", "10.0.0.1"), ("[FD00::5]", "fd00::5"), ("fd00::5", "fd00::5"), ("a.b", None)]
)
def test_literals(host: str, address: str | None) -> None:
    found = ip_address(host)
    assert (None if found is None else str(found)) == address
