"""A tunnel that runs moves to a relay elsewhere: real window, real relays, real mouse and keyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.window_e2e.conftest import Screen, Service, Window, wait_for

pytestmark = [pytest.mark.x11, pytest.mark.timeout(120)]

TOKEN = "a-token-of-the-office"


@pytest.fixture
def other_relay(tmp_path: Path) -> Iterator[str]:
    """Its URL."""
    tokens = tmp_path / "tokens"
    tokens.write_text(f"{TOKEN}\n")
    relay = subprocess.Popen(
        [sys.executable, "-m", "app", "relay", "--listen", "127.0.0.1:0", "--token-file", str(tokens), "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert relay.stdout is not None
    try:
        yield json.loads(relay.stdout.readline())["url"]
    finally:
        relay.terminate()
        relay.communicate(timeout=5)


def test_a_running_tunnel_moves_and_keeps_its_name_and_history(
    open_window: Callable[[], Window], screen: Screen, service: Service, other_relay: str
) -> None:
    window = open_window()
    window.click(f"Port {service.port}")
    url = wait_for(lambda: text if (text := screen.clipboard()).startswith("http://127.0.0.1:") else None, "a URL")
    name = url.rstrip("/").rpartition("/")[2]
    _visit(f"{url}before")
    window.place_of("/before")

    window.click("Backends")
    window.click("Add a relay")
    window.click("https://tunnels.example.com")
    screen.type(other_relay)
    window.click("Token of the relay")
    screen.type(TOKEN)
    screen.press("Return")
    window.place_of("“My relay” is set up")

    window.click(f"{name}, online")  # its row: the name alone stands on buttons, too
    screen.press("F2")
    window.click("Where the tunnel runs")
    window.place_of(f"My relay, Relay · {other_relay}")
    screen.press("Down")  # a click so soon after the list has opened would be taken for the end of the first one
    screen.press("Return")
    window.place_of(f"Runs on Relay · {other_relay}")
    window.click("Save")

    moved = f"{other_relay}/{name}/"
    window.place_of(moved)
    window.place_of("on My relay")
    assert _visit(f"{moved}after").text.endswith("fine")
    window.place_of("/after")
    window.place_of("/before")
    assert window.end() == 0
    assert [path for path in service.seen if path != "/"] == ["/before", "/after"]  # "/" asks for its title


def _visit(url: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as visitor:
        return visitor.get(url)
