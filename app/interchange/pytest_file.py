"""A fault as a test: a pytest file that fails as long as the fault is there and passes when it is repaired."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Exchange
from app.interchange.code import httpx_call
from app.interchange.har_entry import readable
from app.interchange.literals import Python, variables

_BASE = "HATCHWAY_TEST_BASE"


def pytest_code(exchange: Exchange, good: Exchange | None = None) -> str:
    """The file. Pass exchanges with their bodies, redacted before.

    good: an answer as it should be (a replay that was fixed): then its status and the names in its JSON are expected,
    never its values, which may change; without one, an answer that is no failure
    """
    write = Python()
    url = f"BASE + {write.text(readable(exchange.target))}"
    call = httpx_call(exchange, url)
    captured = datetime.fromtimestamp(exchange.started_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    outcome = "no answer" if exchange.status is None else f"status {exchange.status}"
    secrets = variables(call)
    text = [
        f'"""Captured by Hatchway on {captured}: {exchange.method} {_plain(exchange.path)} gave {outcome}.',
        "",
        f"Run it with pytest; {_BASE} names the service, by default the one it was captured from.",
    ]
    if secrets:
        text += ["Secrets were taken out; set these first: " + ", ".join(secrets) + "."]
    lines = ["\n".join([*text, '"""']), ""]
    lines += [f"import {name}" for name in ("base64",) if f"{name}." in call]
    lines += ["import os", "", "import httpx", "", f'BASE = os.environ.get("{_BASE}", {write.text(exchange.upstream)})']
    body = "\n".join(f"    {line}" if line else line for line in f"response = {call}".split("\n"))
    lines += ["", "", f"def test_{_name(exchange)}() -> None:", body, *_assertions(exchange, good), ""]
    return "\n".join(lines)


def _assertions(exchange: Exchange, good: Exchange | None) -> list[str]:
    if good is None or good.status is None:
        # Nobody knows yet how it should be; that it must not fail is certain.
        return ["    assert response.status_code < 400, response.text"]
    lines = [f"    assert response.status_code == {good.status}, response.text"]
    header = good.response_header
    document = parse_json(body_text(good.response_body.data, header("content-encoding"), header("content-type")))
    if document is not MISSING and isinstance(document, dict) and document:
        names = ", ".join(Python().text(str(name)) for name in sorted(document))
        lines.append(f"    assert {{{names}}} <= response.json().keys()")
    return lines


def _name(exchange: Exchange) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", f"{exchange.method} {exchange.path}".lower()).strip("_")
    return words[:60].rstrip("_")


def _plain(text: str) -> str:
    shown = readable(text)
    return shown.replace("\\", "\\\\").replace('"', '\\"') if shown.isprintable() else repr(text)[1:-1]
