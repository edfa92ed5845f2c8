"""What a user does in the first minutes, with the real window, a real mouse and a real clipboard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.window_e2e.conftest import Screen, Service, Window, wait_for

pytestmark = [pytest.mark.x11, pytest.mark.timeout(120)]


def copied_url(screen: Screen) -> str:
    return wait_for(
        lambda: url if (url := screen.clipboard()).startswith("http://127.0.0.1:") else None, "a copied URL"
    )


def visit(url: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as visitor:
        return visitor.get(url)


def test_one_click_copies_a_url_that_works_and_r_replays(
    open_window: Callable[[], Window], screen: Screen, service: Service
) -> None:
    window = open_window()
    # The list may show services of other tests too; ours is the one with this port.
    window.click(f"Port {service.port}")
    url = copied_url(screen)

    service.broken = True
    assert visit(f"{url}orders?open=1").status_code == 500
    window.click("/orders?open=1")
    service.broken = False
    screen.press("r")

    window.place_of("Replay of")
    wait_for(lambda: service.seen.count("/orders?open=1") == 2 or None, "the replay at the service")
    assert window.end() == 0


def test_tunnels_and_urls_survive_a_restart(
    open_window: Callable[[], Window], screen: Screen, service: Service
) -> None:
    window = open_window()
    window.click("3000, host:port or URL")
    screen.type(str(service.port))
    screen.press("Return")
    url = copied_url(screen)
    assert visit(url).text.endswith("fine")
    assert window.end() == 0
    with pytest.raises(httpx.ConnectError):
        visit(url)

    again = open_window()
    again.place_of(url)
    assert wait_for(lambda: True if _answers(url) else None, "the tunnel")
    assert again.end() == 0


def _answers(url: str) -> bool:
    try:
        return visit(url).is_success
    except httpx.TransportError:
        return False


def test_a_second_start_brings_the_first_window_to_the_front(
    open_window: Callable[[], Window], screen: Screen, hatchway_home: Path
) -> None:
    window = open_window()
    second = subprocess.run(
        [sys.executable, "-m", "app"],
        env={**screen.environment, "HATCHWAY_HOME": str(hatchway_home)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 0
    assert "open already" in second.stderr
    assert window.process.poll() is None
    assert window.end() == 0
