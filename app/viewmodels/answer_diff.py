"""Two answers as one text with `+` and `−` lines, readable: bodies decoded, JSON laid out. For a thread."""

from __future__ import annotations

import difflib
import json

from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Exchange
from app.viewmodels.exchange_cells import readable

MAX_LINES = 3_000
_CONTEXT = 4


def answer_diff(before: Exchange, after: Exchange) -> str:
    """A unified diff of status line, headers and body; empty if the answers are equal."""
    one, other = _lines(before), _lines(after)
    note = ""
    if max(len(one), len(other)) > MAX_LINES:
        one, other, note = one[:MAX_LINES], other[:MAX_LINES], f"\n… compared up to line {MAX_LINES}"
    lines = list(difflib.unified_diff(one, other, lineterm="", n=_CONTEXT))[2:]
    return "\n".join(lines) + (note if lines else "")


def _lines(exchange: Exchange) -> list[str]:
    if exchange.status is None:
        return ["no answer", *([] if exchange.problem is None else [str(exchange.problem)])]
    header = exchange.response_header
    head = [f"{exchange.status} {exchange.reason}".strip()]
    head += [f"{name}: {readable(value)}" for name, value in exchange.response_headers]
    text = body_text(exchange.response_body.data, header("content-encoding"), header("content-type"))
    document = parse_json(text)
    if document is not MISSING:
        body = json.dumps(document, indent=2, ensure_ascii=False).splitlines()
    else:
        try:
            body = text.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            body = [f"[{len(text)} bytes of binary data]"]
    return [*head, "", *body]
