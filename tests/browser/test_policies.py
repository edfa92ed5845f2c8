"""Policies that would stop the runtime or the import map, as Chromium takes them: as they are, and as they leave us."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import pytest
from playwright.async_api import ConsoleMessage, Route, async_playwright

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp import (
    allows_import_map,
    import_map_hash,
    map_policy,
    needs_integrity,
    nonce_of,
    script_hash,
)
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.html.rewriter import HtmlRewriter

pytestmark = [pytest.mark.browser]

_CONTEXT = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
_RUNTIME = b"globalThis.ran = true;"
_BASE = "https://t.example/abc123/page"
_LOOK = """() => {
  let types = true;
  try { trustedTypes.createPolicy("hatchway", {}); } catch { types = false; }
  return [globalThis.ran === true, types];
}"""
_OTHER = "'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"

STOPPING = {
    "RH11-self": "script-src 'self'",
    "RH11-default": "default-src 'self'",
    "RH12-nonce-elsewhere": "script-src 'nonce-N', script-src 'nonce-M'",
    "RH12-nonce-and-hash": f"script-src 'nonce-N', default-src {_OTHER}",
    "RH13-none": "script-src 'none'",
    "RH13-default-none": "default-src 'none'",
    "RH13-empty": "script-src",
    "RH13-hash": f"script-src {_OTHER}",
    "RH13-default-hash": f"default-src 'unsafe-inline' {_OTHER}",
    "RH13-strict-hash": f"script-src {_OTHER} 'strict-dynamic'",
    "RH13-strict-and-fallbacks": "script-src 'unsafe-inline' 'strict-dynamic' https:",
    "RH13-elem": "script-src-elem x.example; script-src 'self'",
    "RH13-host": "script-src x.example; script-src 'self'",
    "RH13-none-is-ignored": "script-src 'none' https://a.example",
    "RH13-keywords-only": "script-src 'report-sample' 'unsafe-eval'",
    "RH13-sandbox": "sandbox allow-scripts; default-src 'self'",
    "RH14-path": "script-src http://localhost:3000/js/",
    "RH14-origin": "script-src http://localhost:3000",
    "RH14-host": "script-src localhost:3000",
    "RH14-any-port": "script-src http://localhost:* 'unsafe-inline'",
    "RH15-trusted-types": "script-src 'nonce-N'; trusted-types a; require-trusted-types-for 'script'",
}
HARMLESS = {
    "RH12-nonce": "script-src 'nonce-N'",
    "RH12-strict": "script-src 'nonce-N' 'strict-dynamic'",
    "RH13-unsafe-inline": "default-src 'self' 'unsafe-inline'",
    "RH13-images": "img-src 'none'",
    "RH13-not-ascii": "script-src é 'self'",
    "RH15-trusted-types": "require-trusted-types-for 'script'; trusted-types *",
    "RH16-upgrade": "upgrade-insecure-requests",
}


@dataclass(frozen=True)
class Visit:
    """ran: the runtime did; types: its Trusted Types policy could be created; complaints: what the policy stopped."""

    ran: bool
    types: bool
    complaints: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        return self.ran and self.types and not self.complaints


@pytest.fixture(scope="module")
def visits(chromium_path: str) -> dict[tuple[str, bool], Visit]:
    """(policy, whether it went through `map_policy`) → what became of the page."""
    return asyncio.run(_visit_all(chromium_path))


async def _visit_all(chromium_path: str) -> dict[tuple[str, bool], Visit]:
    """Every page is a frame of one."""
    policies = [*STOPPING.values(), *HARMLESS.values()]
    cases = {
        f"{_BASE}/{policies.index(policy)}/{mapped}": (policy, mapped)
        for policy in policies
        for mapped in (False, True)
    }

    async def answer(route: Route) -> None:
        url = route.request.url
        if url == _BASE:
            await route.fulfill(
                body="".join(f"<iframe src={each}></iframe>" for each in cases), content_type="text/html"
            )
        elif url in cases:
            policy, body = _page(*cases[url])
            await route.fulfill(body=body, headers={"Content-Security-Policy": policy, "Content-Type": "text/html"})
        else:
            await route.fulfill(body=_RUNTIME, content_type="text/javascript")

    complaints: dict[str, list[str]] = defaultdict(list)

    def complain(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints[message.location["url"]].append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        page.on("console", complain)
        await page.route("**/*", answer)
        await page.goto(_BASE)
        found = {
            cases[frame.url]: Visit(*await frame.evaluate(_LOOK), tuple(complaints[frame.url]))
            for frame in page.frames
            if frame.url in cases
        }
        await browser.close()
    return found


def _page(policy: str, mapped: bool) -> tuple[str, str]:
    """(its policy, the page with the runtime and the import map)."""
    nonce = nonce_of([policy])
    digest = script_hash(_RUNTIME)
    loader = Loader(
        "/abc123/__hw/runtime.js",
        "{}",
        nonce=nonce,
        integrity=digest.strip("'") if needs_integrity([policy], nonce) else None,
        insert="always",
        import_map=allows_import_map([policy]),
    )
    body = HtmlRewriter(Document(_CONTEXT, "/page", loader=loader)).rewrite("<!doctype html><p>x")
    if mapped:
        policy = map_policy(
            policy,
            _CONTEXT,
            loader=True,
            nonce=nonce,
            loader_hash=digest,
            import_map_hash=import_map_hash("/abc123") if loader.import_map else None,
        )
    return policy, body


@pytest.mark.parametrize("policy", [pytest.param(policy, id=name) for name, policy in STOPPING.items()])
def test_a_policy_that_would_stop_us_lets_us_run(policy: str, visits: dict[tuple[str, bool], Visit]) -> None:
    assert not visits[policy, False].is_fine
    assert visits[policy, True] == Visit(ran=True, types=True, complaints=())


@pytest.mark.parametrize("policy", [pytest.param(policy, id=name) for name, policy in HARMLESS.items()])
def test_a_policy_that_lets_us_run_is_left_alone(policy: str, visits: dict[tuple[str, bool], Visit]) -> None:
    assert visits[policy, False].is_fine
    assert visits[policy, True].is_fine
