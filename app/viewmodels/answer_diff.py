"""Two answers as lines, readable and compared: bodies decoded, JSON laid out. For a thread."""

from __future__ import annotations

import json

from app.content.line_diff import LineDiff, diff_lines, split_lines
from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Exchange
from app.viewmodels.exchange_cells import readable


def answer_diff(before: Exchange, after: Exchange) -> LineDiff:
    """Status line, headers and body as one text each."""
    return diff_lines(_lines(before), _lines(after))


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
            body = split_lines(text.decode("utf-8"))
        except UnicodeDecodeError:
            body = [f"[{len(text)} bytes of binary data]"]
    return [*head, "", *body]
