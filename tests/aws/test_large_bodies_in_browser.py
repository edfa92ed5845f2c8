"""What pages see of an answer that the function cannot return: they follow the redirect to the bucket by themselves."""

from __future__ import annotations

import random

import pytest
from playwright.async_api import Page

from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOISE = random.Random(1).randbytes(5_000_000)
_READ = """async ([url, options]) => {
    const answer = await fetch(url, options);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return [answer.status, answer.headers.get('content-type'), bytes.length, bytes[0], bytes[bytes.length - 1]];
}"""


async def test_scripts_read_large_answers(page: Page) -> None:
    async def script(call: Call) -> None:
        await call.read_body()
        if call.target == b"/":
            await call.answer(b"<!doctype html><title>x</title>", "Content-Type: text/html")
        else:
            await call.answer(NOISE, "Content-Type: model/gltf-binary", "Access-Control-Allow-Origin: *")

    wanted = [200, "model/gltf-binary", len(NOISE), NOISE[0], NOISE[-1]]
    async with in_threads() as backend, Service(script) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        await page.goto(f"{backend.cloud.http_url}/shop/")
        assert await page.evaluate(_READ, ["/model", {}]) == wanted
        sent = {"method": "POST", "body": "x", "headers": {"X-Own": "1"}, "credentials": "include"}
        assert await page.evaluate(_READ, ["/model", sent]) == wanted
        # A page elsewhere, by way of the app's own permission.
        await page.goto(f"http://127.0.0.1:{service.port}/")
        assert await page.evaluate(_READ, [f"{backend.cloud.http_url}/shop/model", {}]) == wanted
        await agent.aclose()
