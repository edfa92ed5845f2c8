"""Locust: a React dashboard that takes its state from a script in the page and asks for figures every second."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

LOAD = """
import time
from locust import User, constant, task

class Sleeper(User):
    wait_time = constant(0.2)

    @task
    def nap(self):
        self.environment.events.request.fire(request_type="NAP", name="nap", response_time=1, response_length=0, exception=None, context={})
"""


async def _run(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_role("button", name="Start").first.wait_for()
    seen: dict[str, Any] = {"title": await page.title()}
    await page.get_by_role("button", name="Start").first.click()
    await page.get_by_role("cell", name="nap", exact=True).first.wait_for()
    await page.get_by_role("tab", name="Charts").click()
    await page.locator("canvas, svg text").first.wait_for()
    seen["charts"] = visitor.path
    await page.get_by_role("button", name="Stop").first.click()
    await page.get_by_role("button", name="New").first.wait_for()
    return seen


ENTRY = Entry(
    name="locust",
    python=("locust==2.47.0",),
    script=_run,
    files={"locustfile.py": LOAD},
    command=lambda place: [place.program("locust"), "--web-host", "127.0.0.1", "--web-port", "{port}", "-u", "1"],
)
