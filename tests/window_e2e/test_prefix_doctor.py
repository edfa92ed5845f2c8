"""What the window tells a developer about rewriting: with the real relay, and requests as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from tests.window_e2e.conftest import Screen, Service, Window, wait_for

_NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}

pytestmark = [pytest.mark.x11, pytest.mark.timeout(120)]


def test_a_page_tells_what_was_changed_and_a_leak_who_asked(
    open_window: Callable[[], Window], screen: Screen, service: Service
) -> None:
    window = open_window()
    window.click(f"Port {service.port}")
    url = wait_for(lambda: found if (found := screen.clipboard()).startswith("http://127.0.0.1:") else None, "a URL")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    with httpx.Client(trust_env=False, follow_redirects=True) as visitor:
        visitor.get(f"{url}desk", headers=_NAVIGATION).raise_for_status()
        answer = visitor.get(f"{origin}/parcels?open=1", headers={"Referer": f"{url}desk"})
    assert [str(step.url) for step in answer.history] == [f"{origin}/parcels?open=1"]

    window.click("GET /desk, 200")
    window.place_of("rewritten as an HTML page")

    window.click("came without the prefix")
    window.place_of("Came without the prefix; asked by /desk")
    assert window.end() == 0
