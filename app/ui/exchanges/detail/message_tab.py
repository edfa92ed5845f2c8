"""Headers and body of the request or of the response."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.domain.exchange import Exchange, ExchangeState
from app.ui.exchanges.detail.body_save import file_name_for
from app.ui.exchanges.detail.body_view import BodyPanel
from app.ui.exchanges.detail.headers_view import HeadersView
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.headers_model import HeadersModel


class MessageTab(QWidget):
    """Decodes a body as soon as it is shown, so show only what is looked at."""

    status_message = Signal(str)
    filter_wanted = Signal(str)  # a condition of the filter language

    def __init__(self, side: Literal["request", "response"], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._fold = QToolButton()
        self._fold.setText(self.tr("Headers"))
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setArrowType(Qt.ArrowType.DownArrow)
        self._fold.clicked.connect(self._toggle_headers)
        self._headers = HeadersView(HeadersModel(self))
        self._headers.copied.connect(lambda name: self.status_message.emit(self.tr("{0} copied.").format(name)))
        self.body = BodyPanel()
        self.body.json_menu.side = "req" if side == "request" else "resp"
        self.body.json_menu.filter_wanted.connect(self.filter_wanted)
        self.body.status_message.connect(self.status_message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(2)
        fold_line = QHBoxLayout()
        fold_line.setContentsMargins(6, 0, 0, 0)
        fold_line.addWidget(self._fold)
        fold_line.addStretch(1)
        layout.addLayout(fold_line)
        layout.addWidget(self._headers)
        layout.addWidget(self.body, 1)

    def show_exchange(self, exchange: Exchange, *, complete: bool, trouble: str = "") -> None:
        """complete: the bodies are there; else the headers are shown and the body is awaited
        trouble: why the bodies will not come
        """
        is_request = self._side == "request"
        headers = exchange.request_headers if is_request else exchange.response_headers
        self._headers.set_headers(headers)
        self._fold.setText(self.tr("Headers ({0})").format(len(headers)))
        waiting = "" if is_request or exchange.status is not None else _no_response(exchange)
        if waiting:
            self.body.show_waiting(self.tr(waiting))
        elif not complete:
            self.body.show_waiting(trouble or self.tr("Loading…"))
        else:
            body = exchange.request_body if is_request else exchange.response_body
            if exchange.kind == "websocket" and not body.kept:
                self.body.show_waiting(self.tr("{0} in messages: see Frames.").format(format_size(body.size)))
                return
            find = exchange.request_header if is_request else exchange.response_header
            kind = find("content-type")
            name = file_name_for(exchange.path, kind)
            self.body.show_body(body, kind, find("content-encoding"), name, f"{exchange.id} {self._side}")

    def _toggle_headers(self) -> None:
        unfold = self._headers.isHidden()
        self._fold.setArrowType(Qt.ArrowType.DownArrow if unfold else Qt.ArrowType.RightArrow)
        self._headers.setVisible(unfold)


def _no_response(exchange: Exchange) -> str:
    match exchange.state:
        case ExchangeState.RUNNING:
            return "Waiting for the answer of your service…"
        case ExchangeState.CANCELLED:
            return "The visitor went away before there was an answer."
    return "There was no answer: see Overview."
