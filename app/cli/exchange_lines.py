"""Exchanges and tunnels as the command line shows them."""

from __future__ import annotations

import time

from app.cli.output import Output, printable, problem_fields
from app.domain.events import Event, ExchangeRewritten, Listener, Notice
from app.domain.exchange import Exchange, ExchangeState, Rewriting
from app.domain.tunnel import TunnelStatus

SCOPES = {"computer": "this computer", "network": "local network", "internet": "internet"}

_COLOURS = {2: "32", 3: "34", 4: "33", 5: "31"}


def notices(output: Output) -> Listener:
    """Prints what a workspace has to say that belongs to no tunnel (a corrupt file was kept aside …)."""

    def listener(event: Event) -> None:
        if isinstance(event, Notice):
            output.notice(event.problem)

    return listener


def online_event(status: TunnelStatus) -> dict[str, object]:
    """`tunnel.online`."""
    assert status.urls is not None
    return {
        "event": "tunnel.online",
        "tunnel": status.spec.name,
        "urls": {"path": status.urls.path, "host": status.urls.host},
        "scope": status.scope,
        "upstream": status.spec.upstream.origin,
        "mode": status.spec.mode,
        "generation": status.generation,
    }


def request_fields(exchange: Exchange) -> dict[str, object]:
    """What every event about a request carries. Times in Unix seconds, durations in milliseconds."""
    return {
        "id": exchange.id,
        "tunnel": exchange.tunnel,
        "kind": exchange.kind,
        "method": exchange.method,
        "path": exchange.target,
        "time": exchange.started_ns / 1e9,
        "replay_of": exchange.replay_of,
        "leak": exchange.leak,
        "pinned": exchange.pinned,
        "note": exchange.note,
    }


def outcome_fields(exchange: Exchange) -> dict[str, object]:
    """How a request ended."""
    duration = exchange.duration_ms
    return {
        "state": exchange.state.value,
        "status": exchange.status,
        "duration_ms": None if duration is None else round(duration, 3),
        "request_bytes": exchange.request_body.size,
        "response_bytes": exchange.response_body.size,
        "problem": None if exchange.problem is None else problem_fields(exchange.problem),
        "rewriting": None if exchange.rewriting is None else rewriting_fields(exchange.rewriting),
        "verdict": None if exchange.verdict is None else exchange.verdict.value,
    }


def rewritten_event(event: ExchangeRewritten) -> dict[str, object]:
    """`request.rewritten`."""
    return {
        "event": "request.rewritten",
        "id": event.exchange_id,
        "tunnel": event.tunnel,
        "rewriting": rewriting_fields(event.rewriting),
    }


def rewriting_fields(rewriting: Rewriting) -> dict[str, object]:
    """What rewriting did, as JSON has it."""
    return {
        "kind": rewriting.kind,
        "layers": list(rewriting.layers),
        "edits": rewriting.edits,
        "notes": list(rewriting.notes),
    }


def request_line(exchange: Exchange, *, colour: bool) -> str:
    """One finished request for people."""
    clock = time.strftime("%H:%M:%S", time.localtime(exchange.started_ns / 1e9))
    duration = exchange.duration_ms
    took = "-" if duration is None else f"{duration:.0f} ms" if duration >= 1 else "<1 ms"
    mark = "↻ " if exchange.replay_of else ""
    target = printable(exchange.target)
    line = (
        f"{clock}  {_status(exchange, colour)}  {took:>8}  {human_size(exchange.response_body.size):>8}  "
        f"{exchange.id}  {mark}{exchange.method} {target}"
    )
    if exchange.verdict is not None:
        line += f"  {exchange.verdict.value.replace('-', ' ')}"
    if exchange.note:
        line += f"  ✎ {printable(exchange.note)}"
    if exchange.leak is not None:
        line += f"  {_painted('⚠', '33', colour)} came without the prefix, asked by {printable(exchange.leak)}"
    if exchange.problem is not None and exchange.state is not ExchangeState.DONE:
        line += f"\n          {printable(str(exchange.problem))}"
    return line


def human_size(size: int) -> str:
    """Bytes in decimal units, as browsers' tools show them."""
    if size < 1000:
        return f"{size} B"
    for factor, unit in ((1e3, "kB"), (1e6, "MB")):
        if size < factor * 999.95:  # more would be rounded to 1000.0
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"


def _status(exchange: Exchange, colour: bool) -> str:
    if exchange.state is ExchangeState.RUNNING:
        text, code = "…" if exchange.status is None else f"{exchange.status}…", "90"
    elif exchange.state is ExchangeState.CANCELLED:
        text, code = "gone", "90"
    elif exchange.status is None or exchange.state is ExchangeState.FAILED:
        text, code = "fail" if exchange.status is None else f"{exchange.status}!", "35"
    else:
        text, code = str(exchange.status), _COLOURS.get(exchange.status // 100, "0")
    return _painted(f"{text:<4}", code, colour)


def _painted(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
