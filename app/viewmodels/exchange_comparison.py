"""Two exchanges compared, requests and answers, place by place and line by line. For a thread."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qsl

from app.content.line_diff import LineDiff, diff_lines, split_lines
from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Body, Exchange, Headers
from app.replay.comparison import Difference, compare
from app.viewmodels.answer_diff import answer_diff
from app.viewmodels.exchange_cells import format_size, readable
from app.viewmodels.exchange_marks import cut_words

Side = Literal["request", "answer"]


@dataclass(frozen=True, slots=True)
class ExchangeComparison:
    """differences: of requests, then of answers, each in order; notes: what could not be compared, a line for each"""

    differences: tuple[tuple[Side, Difference], ...]
    request: LineDiff
    answer: LineDiff
    notes: str = ""

    @property
    def counted(self) -> int:
        """How many differences there are that mean something."""
        return sum(not difference.ignored for _, difference in self.differences)


def compare_exchanges(before: Exchange, after: Exchange) -> ExchangeComparison:
    """Both must have their bodies. Costs time in large ones."""
    requests = [*_lines_of_request(before, after), *compare(_as_answer(before), _as_answer(after))]
    notes = [
        f"{name}: {line}"
        for name, exchange in (("Before", before), ("After", after))
        for line in cut_words(exchange).splitlines()
    ]
    return ExchangeComparison(
        (*(("request", each) for each in requests), *(("answer", each) for each in compare(before, after))),
        diff_lines(_request_lines(before), _request_lines(after)),
        answer_diff(before, after),
        "\n".join(notes),
    )


def _lines_of_request(before: Exchange, after: Exchange) -> Iterator[Difference]:
    if before.method != after.method:
        yield Difference("method", "changed", before.method, after.method)
    if before.path != after.path:
        yield Difference("path", "changed", readable(before.path), readable(after.path))
    one, other = _query(before), _query(after)
    for name in [*one, *(name for name in other if name not in one)]:
        values = one.get(name, ""), other.get(name, "")
        if name not in other:
            yield Difference(f"query {name}", "removed", *values)
        elif name not in one:
            yield Difference(f"query {name}", "added", *values)
        elif values[0] != values[1]:
            yield Difference(f"query {name}", "changed", *values)


def _query(exchange: Exchange) -> dict[str, str]:
    """Name → its values, joined."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(exchange.target.partition("?")[2], keep_blank_values=True, encoding="utf-8"):
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _as_answer(exchange: Exchange) -> Exchange:
    """Its request in the place of its answer: what compares answers compares headers and bodies."""
    return replace(
        exchange,
        status=None,
        response_headers=exchange.request_headers,
        response_body=exchange.request_body,
    )


def _request_lines(exchange: Exchange) -> list[str]:
    head = [f"{exchange.method} {readable(exchange.target)}"]
    head += [f"{name}: {readable(value)}" for name, value in exchange.request_headers]
    return [*head, "", *_body_lines(exchange.request_headers, exchange.request_body)]


def _body_lines(headers: Headers, body: Body) -> list[str]:
    """JSON laid out, text by lines, anything else by size and checksum."""
    values = {name.lower(): value for name, value in headers}
    data = body_text(body.data, values.get("content-encoding"), values.get("content-type"))
    document = parse_json(data)
    if document is not MISSING:
        return json.dumps(document, indent=2, ensure_ascii=False).splitlines()
    try:
        return split_lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        return [f"[{format_size(len(data))} of binary data, CRC {zlib.crc32(data):08x}]"]
