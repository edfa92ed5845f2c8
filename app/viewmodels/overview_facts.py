"""The facts of the overview: one exchange in words, a line each."""

from __future__ import annotations

from dataclasses import dataclass

from app.content.codings import decode_body
from app.domain.exchange import Body, Exchange, ExchangeState
from app.viewmodels.exchange_cells import format_duration, format_size, format_time, readable


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the overview. code: the value is a URL, path or number to be set in monospace."""

    label: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class DecodedSizes:
    """Bytes of the bodies without their content codings; None if there is none, or it cannot be known."""

    request: int | None = None
    response: int | None = None


_UNKNOWN = DecodedSizes()
_STATES = {
    ExchangeState.DONE: "Done",
    ExchangeState.FAILED: "Failed: there was no complete answer",
    ExchangeState.CANCELLED: "The visitor went away before the answer was complete",
}


def overview(exchange: Exchange, decoded: DecodedSizes = _UNKNOWN) -> list[Fact]:
    """The facts of the overview, in order; what is unknown is left out."""
    request_coding = exchange.request_header("content-encoding")
    response_coding = exchange.response_header("content-encoding")
    facts = [
        Fact("Request", f"{exchange.method} {readable(exchange.target)}", code=True),
        Fact("Public URL", "" if exchange.replay_of else readable(exchange.public_url), code=True),
        Fact("Service", exchange.upstream, code=True),
        Fact("Tunnel", exchange.tunnel),
        Fact("Visitor", "replayed from here" if exchange.replay_of else exchange.visitor),
        Fact("State", _state(exchange)),
        Fact("Answer", f"{exchange.status} {exchange.reason}".strip() if exchange.status else "", code=True),
        Fact("Answered by", _answered_by(exchange)),
        Fact("Delivered", _delivered(exchange)),
        Fact("Received", _when(exchange)),
        Fact("Request body", _body_size(exchange.request_body, request_coding, decoded.request)),
        Fact("Response body", _body_size(exchange.response_body, response_coding, decoded.response)),
        Fact("Id", exchange.id, code=True),
    ]
    return [fact for fact in facts if fact.value]


def has_codings(exchange: Exchange) -> bool:
    """Whether a body is larger decoded than it was on the wire, so that `decoded_sizes` has something to say."""
    return any(
        body.kept and _coded(coding)
        for body, coding in (
            (exchange.request_body, exchange.request_header("content-encoding")),
            (exchange.response_body, exchange.response_header("content-encoding")),
        )
    )


def decoded_sizes(exchange: Exchange) -> DecodedSizes:
    """Decodes both bodies. Takes milliseconds to a second: run it in a thread."""
    return DecodedSizes(
        _decoded_size(exchange.request_body, exchange.request_header("content-encoding")),
        _decoded_size(exchange.response_body, exchange.response_header("content-encoding")),
    )


def _decoded_size(body: Body, coding: str | None) -> int | None:
    if not _coded(coding) or not body.kept or body.truncated:
        return None
    decoded = decode_body(body.data, coding)
    return None if decoded.problem else len(decoded.data)


def _coded(coding: str | None) -> bool:
    return bool(coding) and (coding or "").strip().lower() != "identity"


def _state(exchange: Exchange) -> str:
    if exchange.state is not ExchangeState.RUNNING:
        return _STATES[exchange.state]
    if exchange.kind == "websocket" and exchange.status == 101:
        return "Open"
    return "Waiting for the answer" if exchange.first_byte_ns is None else "The answer is coming in"


def _answered_by(exchange: Exchange) -> str:
    if exchange.imported:
        return "imported from a file"
    if exchange.status is not None:
        return "your service"
    # Of a replay nobody sees a page; a visitor who went away has got none.
    by_us = exchange.state is ExchangeState.FAILED and not exchange.replay_of
    return "Hatchway, with an error page" if by_us else ""


def _delivered(exchange: Exchange) -> str:
    """What the visitor got, where that is something else than the answer."""
    delivered, status = exchange.delivered, exchange.status
    if delivered is None or status is None or exchange.kind == "websocket":
        return ""
    if delivered.status == status and delivered.size == exchange.response_body.size:
        return ""
    what = f"{delivered.status} instead of {status}, " if delivered.status != status else ""
    return f"{what}{format_size(delivered.size)} (see Stages)"


def _when(exchange: Exchange) -> str:
    received = format_time(exchange.started_ns)
    if exchange.duration_ms is None:
        return received
    return f"{received}, took {format_duration(exchange.duration_ms)}"


def _body_size(body: Body, coding: str | None, decoded: int | None) -> str:
    if not body.size:
        return "none"
    words = format_size(body.size)
    if _coded(coding):
        words += f" on the wire ({coding})"
        words += "" if decoded is None else f", {format_size(decoded)} decoded"
    return words + (f"; {format_size(body.kept)} kept" if body.truncated and body.kept else "")
