"""The overview: what went wrong in words, the facts, what rewriting did, and the family of replays."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.domain.problems import Problem
from app.engine.signing_api import Signing
from app.ui.exchanges.detail.fact_grid import FactGrid
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
from app.viewmodels.exchange_detail import overview
from app.viewmodels.rewriting_text import remarks


class OverviewTab(QScrollArea):
    """Emits `exchange_wanted` (id) when a link to the original or to a replay is clicked."""

    exchange_wanted = Signal(str)

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
        self._family = QWidget()
        self._links = QVBoxLayout(self._family)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(2)
        self._linked: tuple[str, ...] = ()
        self._shown_id = ""
        self._refused: Problem | None = None
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self._verdict)
        layout.addWidget(self._problem)
        layout.addWidget(self._remarks)
        layout.addWidget(self.signature)
        layout.addWidget(self._facts)
        layout.addWidget(self._rewriting)
        layout.addWidget(self._family)
        layout.addStretch(1)
        self.setWidget(body)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_exchange(self, exchange: Exchange, original: Exchange | None, replays: Sequence[Exchange]) -> None:
        if exchange.id != self._shown_id:
            self._shown_id = exchange.id
            self._refused = None
        self._verdict.show_verdict(exchange.verdict, self.tr("The differences are in Replays (D)."))
        self._problem.show_problem(self._refused or exchange.problem)
        self._remarks.show_remarks(remarks(exchange))
        self._facts.show_facts(overview(exchange))
        self._rewriting.show_exchange(exchange)
        self.show_family(exchange, original, replays)

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
        for text, exchange_id in lines:
            self._links.addWidget(self._link(text, exchange_id), 0, Qt.AlignmentFlag.AlignLeft)

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
