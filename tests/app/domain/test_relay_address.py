"""The lists of good and of bad addresses are in tests/app/cli/test_http.py, which asks the same function."""

from __future__ import annotations

import pytest

from app.domain.problems import HatchwayError
from app.domain.relay_address import agent_url_of


def test_an_agent_url_stays_what_it_is() -> None:
    url = agent_url_of(" https://relay.example.com/ ")
    assert url == "wss://relay.example.com/__hw/agent"
    assert agent_url_of(url) == url


@pytest.mark.parametrize(
    "address", ["", "relay.example.com", "ftp://x", "https://", "https://a@b", "https://x?y", "https://[1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        agent_url_of(address)
    assert caught.value.problem.code == "bad_relay_url"
