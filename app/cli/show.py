"""`hatchway show ID`: one recorded request with its answer, whole."""

from __future__ import annotations

import argparse
import asyncio
import base64
from typing import get_args

from app.cli import exit_codes
from app.cli.exchange_lines import notices, outcome_fields, request_fields, request_line
from app.cli.output import Output, printable
from app.cli.recorded import LAST, find
from app.cli.running import run
from app.content.charset import as_utf8
from app.content.codings import decode_body
from app.domain.exchange import Body, Exchange, Headers, first_header
from app.domain.problems import HatchwayError
from app.engine.code import Form, write_code
from app.engine.paths import user_paths
from app.engine.workspace import open_workspace
from app.redaction.redactor import Redactor


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda _: _main(options))


async def _main(options: argparse.Namespace) -> int:
    output = Output(as_json=options.json)
    try:
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            exchange = await find(workspace, options.id)
            if options.form:
                redact = not options.with_secrets
                code = await write_code(exchange, options.form, workspace.replays, redact=redact)
                output.event({"event": "code", "id": exchange.id, "form": options.form, "code": code})
                output.text(code.rstrip("\n"))
                return exit_codes.OK
        if options.redact:
            exchange = await asyncio.to_thread(Redactor().exchange, exchange)
        output.event(await asyncio.to_thread(_fields, exchange))
        for line in await asyncio.to_thread(_lines, exchange, output.colour):
            output.text(line)
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


def _fields(exchange: Exchange) -> dict[str, object]:
    return {
        **request_fields(exchange),
        **outcome_fields(exchange),
        "url": exchange.public_url,
        "upstream": exchange.upstream,
        "visitor": exchange.visitor,
        "reason": exchange.reason,
        "request": _message(exchange.request_headers, exchange.request_body),
        "response": None if exchange.status is None else _message(exchange.response_headers, exchange.response_body),
    }


def _message(headers: Headers, body: Body) -> dict[str, object]:
    """`body` is text without content codings, or base64 if it is no text."""
    data = _plain(headers, body)
    try:
        text, encoding = as_utf8(data, first_header(headers, "content-type")).decode("utf-8"), None
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(data).decode(), "base64"
    return {
        "headers": [list(pair) for pair in headers],
        "body": text,
        "encoding": encoding,
        "bytes": body.size,
        "kept": body.kept,
    }


def _lines(exchange: Exchange, colour: bool) -> list[str]:
    lines = [request_line(exchange, colour=colour), ""]
    lines.append(printable(f"{exchange.method} {exchange.public_url or exchange.upstream + exchange.target}"))
    lines += _message_lines(exchange.request_headers, exchange.request_body)
    if exchange.status is not None:
        lines += ["", printable(f"{exchange.status} {exchange.reason}".strip())]
        lines += _message_lines(exchange.response_headers, exchange.response_body)
    return lines


def _message_lines(headers: Headers, body: Body) -> list[str]:
    lines = [printable(f"{name}: {value}") for name, value in headers]
    data = _plain(headers, body)
    if not data:
        return lines
    try:
        text = as_utf8(data, first_header(headers, "content-type")).decode("utf-8")
    except UnicodeDecodeError:
        return [*lines, "", f"[{len(data)} bytes, no text; see them with --json]"]
    # Line by line: whatever would steer the terminal is written out.
    lines += ["", *(printable(line.replace("\t", "    ")) for line in text.splitlines())]
    if body.truncated:
        lines.append(f"[{body.kept} of {body.size} bytes were kept]")
    return lines


def _plain(headers: Headers, body: Body) -> bytes:
    coding = first_header(headers, "content-encoding")
    return decode_body(body.data, coding).data if coding else body.data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("id", metavar="ID", help=f"id of the exchange, or “{LAST}”")
    parser.add_argument(
        "--as",
        dest="form",
        choices=get_args(Form),
        help="print code that sends the request, without secrets; of pytest, a test that fails on the fault",
    )
    parser.add_argument("--with-secrets", action="store_true", help="with --as: do not replace secrets by variables")
    parser.add_argument("--redact", action="store_true", help="secrets become placeholders")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
