"""A captured request as a cURL command for a POSIX shell, with secrets replaced by shell variables."""

from __future__ import annotations

import base64
import re
import shlex

from app.domain.exchange import Exchange

REDACTED = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token", "x-csrf-token", "x-xsrf-token"}
)
"""Request headers whose values never reach the clipboard; lower case."""

# Set by curl itself, or meaningful only on the connection the request came in on.
_LEFT_OUT = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade"}
)
_INLINE_BINARY = 32 * 1024
# Pasted into a terminal, ESC [201~ would end the paste and run the next line, whatever the quotes around it say.
_STEERS_TERMINALS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]")


def curl_command(exchange: Exchange) -> str:
    """The command that sends the same request to the public URL.

    Needs the request body: pass an exchange that was loaded with bodies. Values of `REDACTED` headers become
    `$AUTHORIZATION`, `$COOKIE` …, to be set by whoever runs the command. A larger binary body is read from `body.bin`.
    """
    url = exchange.public_url or exchange.upstream + exchange.target
    body = exchange.request_body.data
    text = _as_text(body)
    parts = ["curl"]
    if exchange.method == "HEAD":
        parts.append("--head")
    elif exchange.method != ("POST" if body else "GET"):
        parts.append(f"--request {shlex.quote(exchange.method)}")
    if re.search(r"[\[\]{}]", url):
        parts.append("--globoff")
    if re.search(r"/\.\.?(?:/|$)", url.partition("?")[0]):
        parts.append("--path-as-is")
    parts += _headers(exchange, bool(body))
    prefix = ""
    if text is not None:
        parts += [f"--data-raw {shlex.quote(text)}"] if text else []
    elif len(body) <= _INLINE_BINARY:
        prefix = f"printf %s {shlex.quote(base64.b64encode(body).decode())} | base64 --decode | "
        parts.append("--data-binary @-")
    else:
        parts.append("--data-binary @body.bin")
    parts.append(_quote(url))
    return prefix + " \\\n  ".join(parts)


def _headers(exchange: Exchange, has_body: bool) -> list[str]:
    options = []
    names = set()
    for name, value in exchange.request_headers:
        lower = name.lower()
        names.add(lower)
        if lower in _LEFT_OUT or lower.startswith("sec-websocket-"):
            continue
        if lower == "accept-encoding":
            options.append("--compressed")  # else the answer is printed compressed
        elif lower in REDACTED:
            variable = re.sub(r"[^A-Z0-9]", "_", lower.upper())
            options.append(f'--header {shlex.quote(f"{name}: ")}"${variable}"')
        else:
            # `Name:` would remove the header; `Name;` sends it empty.
            options.append(f"--header {_quote(f'{name}: {value}' if value else f'{name};')}")
    if has_body and "content-type" not in names:
        options.append("--header 'Content-Type:'")  # curl would claim it is a form
    return options


def _as_text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if _STEERS_TERMINALS.search(text) else text


def _quote(text: str) -> str:
    """One word of a shell from bytes kept as latin-1; what a terminal would not take as these bytes (no UTF-8, or
    what steers it) becomes an escape that printf undoes."""
    raw = text.encode("latin-1")
    if (shown := _as_text(raw)) is not None:
        return shlex.quote(shown)
    octal = "".join(f"\\{byte:03o}" if byte in b"%\\" or not 0x20 <= byte < 0x7F else chr(byte) for byte in raw)
    return f'"$(printf {shlex.quote(octal)})"'
