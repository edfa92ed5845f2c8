"""The exchange that the detail pane shows: the phases of its timing bar, and the loading of its bodies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Delivered, Exchange, Rewriting
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the timing bar, in milliseconds since the request was received; end None: it still runs."""

    label: str
    start: float
    end: float | None


_LONGEST_LEAD_MS = 120_000.0  # a request that waited longer has been given up by the relay


def lead_ms(exchange: Exchange) -> float:
    """From the relay's front door to the agent; 0 if it is not known, or the relay's clock is another one."""
    if exchange.relay_ns is None:
        return 0.0
    lead = (exchange.started_ns - exchange.relay_ns) / 1e6
    return lead if 0 <= lead <= _LONGEST_LEAD_MS else 0.0


def phases(exchange: Exchange) -> list[Phase]:
    """Front door → agent → sent to the service → first byte → done, as far as it got and is known."""
    lead = lead_ms(exchange)
    done = _since_start(exchange, exchange.finished_ns, lead)
    sent = _since_start(exchange, exchange.sent_ns, lead)
    first = _since_start(exchange, exchange.first_byte_ns, lead)
    result = [Phase("Relay → Hatchway", 0.0, lead)] if lead else []
    if sent is None:
        return [*result, Phase("Connecting to the service", lead, done)]
    result.append(Phase("Received → sent to the service", lead, sent))
    if first is None:
        return [*result, Phase("Waiting for the first byte", sent, done)]
    last = "WebSocket open" if exchange.kind == "websocket" else "First byte → done"
    return [*result, Phase("Waiting for the first byte", sent, first), Phase(last, first, done)]


class ExchangeDetail(QObject):
    """The exchange under the magnifier: shown at once as the list knows it, completed from the history.

    `replaced` comes when another exchange is shown, `updated` when the shown one has changed.
    """

    replaced = Signal()
    updated = Signal()
    failed = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._exchange: Exchange | None = None
        self._complete = False
        self._trouble = ""
        self._loading: asyncio.Task[None] | None = None

    @property
    def exchange(self) -> Exchange | None:
        return self._exchange

    @property
    def complete(self) -> bool:
        """Whether the bodies are there; until then the exchange is the list's outline of it."""
        return self._complete

    @property
    def trouble(self) -> str:
        """Why the bodies of the shown exchange will not come; empty while they may."""
        return self._trouble

    def show(self, outline: Exchange | None) -> None:
        """Show the exchange; a running one is complete already, a finished one is loaded with its bodies."""
        if outline is not None and self._exchange is not None and outline.id == self._exchange.id:
            return
        self._cancel()
        self._exchange = outline
        self._complete = outline is None or outline.finished_ns is None
        self.replaced.emit()
        if outline is not None and not self._complete:
            self._loading = spawn(self._load(outline.id), name=f"load exchange {outline.id}")

    def update(self, exchange: Exchange) -> None:
        """An event of the shown exchange: the live one is complete, an outline of it has to be loaded."""
        if self._exchange is None or exchange.id != self._exchange.id:
            return
        self._cancel()
        self._complete = exchange is self._exchange or exchange.finished_ns is None
        self._exchange = exchange
        self.updated.emit()
        if not self._complete:
            self._loading = spawn(self._load(exchange.id), name=f"load exchange {exchange.id}")

    def rewritten(self, exchange_id: str, rewriting: Rewriting, delivered: Delivered | None = None) -> None:
        """What rewriting did has become known, for the shown exchange or another."""
        if self._exchange is not None and exchange_id == self._exchange.id:
            self._exchange.rewriting, self._exchange.delivered = rewriting, delivered
            self.updated.emit()

    def annotate(self, event: ExchangeAnnotated) -> None:
        """A mark or a verdict, of the shown exchange or another."""
        shown = self._exchange
        if shown is not None and event.exchange_id == shown.id:
            shown.pinned = shown.pinned if event.pinned is None else event.pinned
            shown.note = shown.note if event.note is None else event.note
            shown.verdict = shown.verdict if event.verdict is None else event.verdict
            self.updated.emit()

    async def _load(self, exchange_id: str) -> None:
        try:
            exchange = await self._workspace.exchange(exchange_id)
        except HatchwayError as error:
            self._fail(str(error.problem))
            return
        if self._exchange is None or self._exchange.id != exchange_id:
            return
        if exchange is None:
            self._fail("The recording of this request is gone: it was cleared or is older than the history keeps.")
            return
        if exchange.rewriting is None:  # it may have become known while the history was read
            exchange.rewriting, exchange.delivered = self._exchange.rewriting, self._exchange.delivered
        self._exchange = exchange
        self._complete = True
        self.updated.emit()

    def _fail(self, words: str) -> None:
        self._trouble = words
        self.failed.emit(words)

    def _cancel(self) -> None:
        self._trouble = ""
        if self._loading is not None:
            self._loading.cancel()
            self._loading = None


def _since_start(exchange: Exchange, moment_ns: int | None, lead: float) -> float | None:
    if moment_ns is None:
        return None
    # Wall clocks are set back now and then; a bar must not leave the picture.
    end = moment_ns if exchange.finished_ns is None else min(moment_ns, exchange.finished_ns)
    return lead + max(0, end - exchange.started_ns) / 1e6
