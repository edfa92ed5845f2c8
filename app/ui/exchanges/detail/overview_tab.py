"""The overview: what went wrong in words, the facts, what rewriting did, the replays, and what the heads carry."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import Problem
from app.domain.tasks import spawn
from app.engine.signing_api import Signing
from app.ui.exchanges.detail.fact_grid import FactGrid
from app.ui.exchanges.detail.parts_section import PartsSection
from app.ui.exchanges.detail.problem_card import ProblemCard
from app.ui.exchanges.detail.remark_cards import RemarkCards
from app.ui.exchanges.detail.rewriting_section import RewritingSection
from app.ui.exchanges.detail.signature_card import SignatureCard
from app.ui.exchanges.detail.verdict_card import VerdictCard
from app.ui.theme import Tokens, theme_signals, tokens
from app.viewmodels.exchange_cells import (
    duration_ms,
    format_duration,
    format_time,
    status_class,
    status_text,
    verdict_text,
)
from app.viewmodels.overview_facts import DecodedSizes, decoded_sizes, has_codings, overview
from app.viewmodels.rewriting_text import remarks

_LEAST = 160  # px


class OverviewTab(QScrollArea):
    """Emits `exchange_wanted` (id) when a link to the original or to a replay is clicked."""

    exchange_wanted = Signal(str)
    status_message = Signal(str)

    def __init__(self, signing: Signing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.signature = SignatureCard(signing)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Overview"))
        self._verdict = VerdictCard()
        self._problem = ProblemCard()
        self._remarks = RemarkCards()
        self._facts = FactGrid()
        self._rewriting = RewritingSection()
        self.parts = PartsSection()
        for part in (self.signature, self.parts):
            part.status_message.connect(self.status_message)
        self._family = QWidget()
        self._links = QVBoxLayout(self._family)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(2)
        self._family.hide()
        self._linked: tuple[str, ...] = ()
        self._shown_id = ""
        self._refused: Problem | None = None
        self._sizes: tuple[object, DecodedSizes] = (None, DecodedSizes())
        self._sizing: asyncio.Task[None] | None = None
        body = QWidget()
        body.setMinimumWidth(_LEAST)  # whatever is in it: nobody reads sideways
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        for card in (self._verdict, self._problem, self._remarks, self.signature):
            layout.addWidget(card)
        for section in (self._facts, self._rewriting, self._family, self.parts):
            layout.addWidget(section)
        layout.addStretch(1)
        self.setWidget(body)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_exchange(
        self, exchange: Exchange, original: Exchange | None, replays: Sequence[Exchange], *, complete: bool
    ) -> None:
        """complete: the bodies are there"""
        if exchange.id != self._shown_id:
            self._shown_id = exchange.id
            self._refused = None
            self.verticalScrollBar().setValue(0)
        self._verdict.show_verdict(exchange.verdict, self.tr("The differences are in Replays (D)."))
        self._problem.show_problem(self._refused or exchange.problem)
        self._remarks.show_remarks(remarks(exchange))
        self.signature.show_exchange(exchange, complete=complete)
        self._show_facts(exchange, complete=complete)
        self._rewriting.show_exchange(exchange)
        self.show_family(exchange, original, replays)
        self.parts.show_exchange(exchange)

    def show_problem(self, problem: Problem) -> None:
        """Say why a replay of the shown exchange could not be sent, until another one is shown."""
        self._refused = problem
        self._problem.show_problem(problem)
        self.verticalScrollBar().setValue(0)

    def show_family(self, exchange: Exchange, original: Exchange | None, replays: Sequence[Exchange]) -> None:
        """Links to the original and to the replays of this exchange."""
        lines: list[tuple[str, str]] = []
        if exchange.replay_of:
            what = _describe(original) if original is not None else self.tr("no longer in the list")
            lines.append((self.tr("↻ Replay of {0}").format(what), exchange.replay_of if original else ""))
        lines += [(self.tr("↻ Replayed: {0}").format(_describe(replay)), replay.id) for replay in replays]
        shown = tuple(text for text, _ in lines)
        if shown == self._linked:
            return
        self._linked = shown
        while (item := self._links.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._family.setVisible(bool(lines))
        for text, exchange_id in lines:
            self._links.addWidget(self._link(text, exchange_id), 0, Qt.AlignmentFlag.AlignLeft)

    def _show_facts(self, exchange: Exchange, *, complete: bool) -> None:
        key = (exchange.id, exchange.request_body.kept, exchange.response_body.kept)
        known = self._sizes[1] if self._sizes[0] == key else DecodedSizes()
        self._facts.show_facts(overview(exchange, known))
        if complete and exchange.finished_ns is not None and self._sizes[0] != key and has_codings(exchange):
            self._sizes = (key, DecodedSizes())
            if self._sizing is not None:
                self._sizing.cancel()
            self._sizing = spawn(self._measure(exchange, key), name=f"decoded sizes {exchange.id}")

    async def _measure(self, exchange: Exchange, key: object) -> None:
        sizes = await asyncio.to_thread(decoded_sizes, exchange)
        if isValid(self):  # the window may have been closed meanwhile
            self._sizes = (key, sizes)
            if exchange.id == self._shown_id:
                self._facts.show_facts(overview(exchange, sizes))

    def _dress(self) -> None:
        self._family.setStyleSheet(_link_style(tokens()))

    def _link(self, text: str, exchange_id: str) -> QWidget:
        if not exchange_id:
            label = QLabel(text)
            label.setProperty("tone", "muted")
            return label
        button = QPushButton(text)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.exchange_wanted.emit(exchange_id))
        return button


def _link_style(now: Tokens) -> str:
    accent = now.accent.name()
    return (
        f"QPushButton {{ background: transparent; border: 2px solid transparent; color: {accent}; padding: 1px 2px; }}"
        f" QPushButton:hover {{ text-decoration: underline; }} QPushButton:focus {{ border: 2px solid {accent}; }}"
    )


def _describe(exchange: Exchange) -> str:
    took = "" if exchange.finished_ns is None else f" · {format_duration(duration_ms(exchange, 0))}"
    shape = status_class(exchange).value
    verdict = f" · {verdict_text(exchange.verdict)}" if exchange.verdict is not None else ""
    return f"{format_time(exchange.started_ns)} · {shape} {status_text(exchange)}{took}{verdict}"
