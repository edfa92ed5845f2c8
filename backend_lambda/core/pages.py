"""What a visitor sees when something fails: status, a page or JSON, whose side it is, never private detail."""

from __future__ import annotations

import html
import json

from backend_lambda.core.model import PublicResponse, header
from backend_lambda.protocol.errors import FAILURES, Failure
from backend_lambda.protocol.messages import Headers

_SIDES = {
    "visitor": "The request",
    "service": "The service behind the tunnel",
    "agent": "The tunnel's computer",
    "relay": "The relay",
}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{status} · Hatchway</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
{script}<style>
:root{{color-scheme:light dark;--w:#f6f7f9;--b:#fff;--t:#1b1f24;--m:#57606a;--l:#d5d9df;--e:#b3261e}}
@media(prefers-color-scheme:dark){{:root{{--w:#1b1d22;--b:#15171b;--t:#e6e8eb;--m:#a3abb6;--l:#33373f;--e:#ff8a80}}}}
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--w);color:var(--t);
font:15px/1.5 system-ui,sans-serif}}
main{{max-width:34rem;margin:1.5rem;padding:1.75rem 2rem;background:var(--b);
border:1px solid var(--l);border-radius:8px}}
h1{{font-size:1.2rem;line-height:1.35;margin:.2rem 0 .6rem}}p{{margin:.4rem 0;color:var(--m)}}
b{{color:var(--e);font:600 .85rem ui-monospace,monospace}}small{{color:var(--m)}}
</style></head><body><main><b>{status}</b><h1>{title}</h1><p>{hint}</p>
<p><small>Where it failed: {side} · <code>{code}</code></small></p></main></body></html>
"""


def failure_response(code: str, request_headers: Headers) -> PublicResponse:
    """The answer for one of FAILURES: HTML for browsers, JSON for everybody else.

    JSON: `{"error":{"code","status","side","title","hint"}}`. `X-Hatchway-Error` carries the code.
    """
    failure = FAILURES.get(code) or FAILURES["relay_failure"]
    accept = header(request_headers, "accept") or ""
    if "text/html" in accept:
        kind, body = "text/html; charset=utf-8", _html(failure)
    else:
        kind, body = "application/json", _json(failure)
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Hatchway-Error", failure.code),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if failure.retry_after is not None:
        headers.append(("Retry-After", str(failure.retry_after)))
    return PublicResponse(failure.status, headers, body)


def failure_page(code: str, *, script: str) -> bytes:
    """The HTML page for one of FAILURES, with a script that runs before anything is shown."""
    return _html(FAILURES[code], f"<script>{script}</script>")


def _html(failure: Failure, script: str = "") -> bytes:
    words = {key: html.escape(text) for key, text in (("title", failure.title), ("hint", failure.hint))}
    side = _SIDES[failure.side]
    return _PAGE.format(status=failure.status, side=side, code=failure.code, script=script, **words).encode()


def _json(failure: Failure) -> bytes:
    fields = {
        "code": failure.code,
        "status": failure.status,
        "side": failure.side,
        "title": failure.title,
        "hint": failure.hint,
    }
    return json.dumps({"error": fields}).encode() + b"\n"
