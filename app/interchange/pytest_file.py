"""A fault as a test: a pytest file that fails as long as the fault is there and passes when it is repaired."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Exchange
from app.interchange.code import httpx_call
from app.interchange.literals import Python, variables
from app.interchange.wire_text import readable
from app.redaction.placeholders import PLACEHOLDER

_BASE = "HATCHWAY_TEST_BASE"
_MOST = 60  # values of JSON that are compared; whoever wants more compares the whole answer
_LONGEST_TEXT = 500

Steady = Callable[[str, str, object], bool]
"""(place as `$.items[0].id`, last name of it, value): whether the next good answer has the same there; of objects and
lists: the same names, the same length."""


def _all(place: str, name: str, value: object) -> bool:
    return True


def pytest_code(exchange: Exchange, good: Exchange | None = None, steady: Steady = _all) -> str:
    """The file. Pass exchanges with their bodies, redacted before.

    good: an answer as it should be (a replay that was fixed): its status, its type, and its JSON by path or its short
    text are expected; without one, an answer that is no failure
    steady: which of its values stay; of the others only the type is expected
    """
    write = Python()
    url = f"BASE + {write.text(readable(exchange.target))}"
    call = httpx_call(exchange, url)
    outcome = "no answer" if exchange.status is None else f"status {exchange.status}"
    secrets = variables(call)
    text = [
        f'"""Captured by Hatchway on {_time(exchange)}: {exchange.method} {_plain(exchange.path)} gave {outcome}.',
        "",
        f"Run it with pytest; {_BASE} names the service, by default the one it was captured from.",
    ]
    if good is not None:
        text += [f"What is expected is the answer of {_time(good)}, when it was repaired: status {good.status}."]
    if secrets:
        text += ["Secrets were taken out; set these first: " + ", ".join(secrets) + "."]
    lines = ["\n".join([*text, '"""']), ""]
    lines += [f"import {name}" for name in ("base64",) if f"{name}." in call]
    lines += ["import os", "", "import httpx", "", f'BASE = os.environ.get("{_BASE}", {write.text(exchange.upstream)})']
    body = "\n".join(f"    {line}" if line else line for line in f"response = {call}".split("\n"))
    asserted = [f"    {line}" for line in _assertions(good, steady)]
    lines += ["", "", f"def test_{_name(exchange)}() -> None:", body, *asserted, ""]
    return "\n".join(lines)


def _assertions(good: Exchange | None, steady: Steady) -> list[str]:
    if good is None or good.status is None:
        # Nobody knows yet how it should be; that it must not fail is certain.
        return ["assert response.status_code < 400, response.text"]
    lines = [f"assert response.status_code == {good.status}, response.text"]
    content_type = good.response_header("content-type") or ""
    if media := content_type.partition(";")[0].strip():
        lines.append(f'assert response.headers["content-type"].startswith({_literal(media)})')
    if good.response_body.truncated:
        return lines
    data = body_text(good.response_body.data, good.response_header("content-encoding"), content_type)
    document = parse_json(data)
    if document is MISSING:
        return lines + _text(data, media, steady)
    values = _values("answer", "$", "", document, steady)
    lines += ["answer = response.json()", *islice(values, _MOST)]
    if more := sum(1 for _ in values):
        lines.append(f"# {more} more values are not compared.")
    return lines


def _values(expression: str, place: str, name: str, value: Any, steady: Steady) -> Iterator[str]:
    """Assertions on a value of JSON and all below it."""
    if isinstance(value, dict):
        if not value:
            yield f"assert isinstance({expression}, dict)"
        for key, inner in value.items():
            where = f"{place}.{key}" if key.isidentifier() else f"{place}[{json.dumps(key)}]"
            # What was not in every good answer may be missing in the next one.
            if steady(place, name, value) or steady(where, key, {}):
                yield from _values(f"{expression}[{_literal(key)}]", where, key, inner, steady)
    elif isinstance(value, list):
        if not steady(place, name, value):
            yield f"assert isinstance({expression}, list)"
            return
        yield f"assert len({expression}) == {len(value)}"
        for index, inner in enumerate(value):
            yield from _values(f"{expression}[{index}]", f"{place}[{index}]", name, inner, steady)
    elif _is_fixed(value) and steady(place, name, value):
        same = "is" if value is None or isinstance(value, bool) else "=="
        yield f"assert {expression} {same} {_literal(value)}"
    elif value is not None:
        kind = "(int, float)" if isinstance(value, float) else type(value).__name__
        yield f"assert isinstance({expression}, {kind})  # its value changes"


def _text(data: bytes, media: str, steady: Steady) -> list[str]:
    if not media.startswith("text/") or len(data) > _LONGEST_TEXT:
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return []
    return [f"assert response.text == {_literal(text)}"] if _is_fixed(text) and steady("body", "", text) else []


def _is_fixed(value: Any) -> bool:
    """Neither a secret that was taken out nor a number that equals nothing."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not (isinstance(value, str) and PLACEHOLDER.search(value))


def _literal(value: object) -> str:
    return Python().text(value) if isinstance(value, str) else repr(value)


def _time(exchange: Exchange) -> str:
    return datetime.fromtimestamp(exchange.started_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _name(exchange: Exchange) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", f"{exchange.method} {exchange.path}".lower()).strip("_")
    return words[:60].rstrip("_")


def _plain(text: str) -> str:
    shown = readable(text)
    return shown.replace("\\", "\\\\").replace('"', '\\"') if shown.isprintable() else repr(text)[1:-1]
