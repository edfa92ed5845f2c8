"""Request and response as text the way they went over the wire, for the Raw tab."""

from __future__ import annotations

import codecs

from app.domain.exchange import Body, Exchange, Headers
from app.viewmodels.exchange_cells import format_size, readable
from app.viewmodels.laid_out import LaidOutText, lay_out

_BODY_LIMIT = 64 * 1024


def raw_exchange(exchange: Exchange, *, complete: bool) -> LaidOutText:
    """Both messages, long lines soft-split; bodies that are no plain text are described. Run it in a thread."""
    request = _message(
        f"{exchange.method} {readable(exchange.target)} HTTP/1.1",
        exchange.request_headers,
        exchange.request_body,
        complete,
    )
    if exchange.status is None:
        return lay_out([request])
    start = f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip()
    response = _message(start, exchange.response_headers, exchange.response_body, complete)
    return lay_out([request, "\n\n\n", response])


def _message(start_line: str, headers: Headers, body: Body, complete: bool) -> str:
    lines = [start_line, *(f"{name}: {value}" for name, value in headers), ""]
    if body.size:
        lines.append(_body(body) if complete else "[loading…]")
    return "\n".join(lines)


def _body(body: Body) -> str:
    data = body.data[:_BODY_LIMIT]
    try:  # a cut may split a character: then the decoder just waits for the rest
        text = codecs.getincrementaldecoder("utf-8")().decode(data, len(data) == body.size)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"[{format_size(body.size)} of binary data]"
    text = text.replace("\r\n", "\n")
    return text if len(data) == body.size else f"{text}\n[… {format_size(body.size)} in all]"
