"""A request as code that sends it: httpx (Python) and fetch (JavaScript)."""

from __future__ import annotations

from app.domain.exchange import Exchange
from app.interchange.literals import JavaScript, Python, sendable_headers
from app.interchange.wire_text import readable


def httpx_code(exchange: Exchange) -> str:
    """A Python script. Pass an exchange with its body, redacted before."""
    write = Python()
    call = httpx_call(exchange, write.text(address(exchange)))
    imports = [f"import {name}" for name in ("base64", "os") if f"{name}." in call]
    return "\n".join([*imports, *([""] if imports else []), "import httpx", "", f"response = {call}",
                      "print(response.status_code)", "print(response.text)", ""])  # fmt: skip


def httpx_call(exchange: Exchange, url: str) -> str:
    """`httpx.request(…)`; url: an expression"""
    write = Python()
    lines = [f"    {write.text(exchange.method)},", f"    {url},"]
    if headers := sendable_headers(exchange):
        pairs = [f"        ({write.text(name)}, {write.text(value)})," for name, value in headers]
        lines += ["    headers=[", *pairs, "    ],"]
    if exchange.request_body.data:
        lines.append(f"    content={write.body(exchange.request_body.data)},")
    return "\n".join(["httpx.request(", *lines, ")"])


def fetch_code(exchange: Exchange) -> str:
    """A JavaScript module for Node and browsers. Pass an exchange with its body, redacted before."""
    write = JavaScript()
    lines = [f"  method: {write.text(exchange.method)},"]
    if headers := sendable_headers(exchange):
        pairs = [f"    [{write.text(name)}, {write.text(value)}]," for name, value in headers]
        lines += ["  headers: [", *pairs, "  ],"]
    if exchange.request_body.data and exchange.method not in ("GET", "HEAD"):
        lines.append(f"  body: {write.body(exchange.request_body.data)},")
    return "\n".join([f"const response = await fetch({write.text(address(exchange))}, {{", *lines, "});",
                      "console.log(response.status);", "console.log(await response.text());", ""])  # fmt: skip


def address(exchange: Exchange) -> str:
    """The URL that the visitor asked; a replay's is the service's."""
    return readable(exchange.public_url or exchange.upstream + exchange.target)
