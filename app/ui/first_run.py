"""The first screen: a local service becomes a public URL with one click. Also what [+] opens."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.problems import HatchwayError
from app.domain.services import LocalService
from app.domain.upstream import parse_upstream
from app.ui.async_slots import ShowProblem, start
from app.ui.fonts import HERO, SECONDARY, ui_font
from app.ui.icons import set_icon
from app.ui.labels import DIALOG, GAP, PANEL, label, set_look
from app.ui.service_list import ServiceList
from app.viewmodels.new_tunnel import NewTunnels, base_name
from app.viewmodels.services import ServiceListModel

_REFRESH_MS = 3000
_NOTHING = "No HTTP service listens on this computer right now.\nStart yours and it appears here by itself."
_LOOKING = "Looking for local services…"


class FirstScreen(QWidget):
    """started(tunnel id): a tunnel was made. cancelled: back to the tunnels, if there are any."""

    started = Signal(str)
    cancelled = Signal()

    def __init__(
        self,
        services: ServiceListModel,
        new_tunnels: NewTunnels,
        show_problem: ShowProblem,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._new_tunnels = new_tunnels
        self._show_problem = show_problem
        self._card = QWidget()
        self._found = label("Services on this computer:")
        self.list = ServiceList(services)
        self._nothing = label(_LOOKING, tone="muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.refresh = QToolButton()
        self.other = QLineEdit()
        self.start_other = QPushButton("Start tunnel")
        self.other_error = label(tone="problem", font=ui_font(SECONDARY), wrap=True)
        self.demo = QPushButton("Try it with the demo service")
        self.back = QPushButton("Back")
        self._again = QTimer(self, interval=_REFRESH_MS)
        self._lay_out()
        self._connect()

    def offer_back(self, possible: bool) -> None:
        """[Back] and Esc only make sense while there are tunnels to go back to."""
        self.back.setVisible(possible)

    def take_focus(self) -> None:
        """The list if it has rows (its first one current, so that Enter starts it), else the text field."""
        if self._services.rowCount():
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self._services.index(0))
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.other.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # From the top, not centred: the heading stays where it is when services come and go.
        self._outer.setContentsMargins(0, self.height() // 8, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.back.isHidden():
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        set_icon(self.refresh, "refresh")
        self.refresh.setAccessibleName("Look again for local services")
        self.refresh.setToolTip("Look again (happens by itself every 3 seconds)")
        self.other.setPlaceholderText("3000, host:port or URL")
        self.other.setAccessibleName("Other service: port, host and port, or URL")
        self.other.setClearButtonEnabled(True)
        set_icon(self.demo, "demo")
        self._found.setBuddy(self.list)
        heading = QHBoxLayout()
        heading.addWidget(self._found, 1)
        heading.addWidget(self.refresh)
        box = QFrame()
        box.setObjectName("card")
        box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QVBoxLayout(box)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self._nothing)
        inside.addWidget(self.list)
        box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        other_caption = label("Or another one:")
        other_caption.setBuddy(self.other)
        other = QHBoxLayout()
        other.setSpacing(GAP)
        other.addWidget(other_caption)
        other.addWidget(self.other, 1)
        other.addWidget(self.start_other)
        last = QHBoxLayout()
        last.addWidget(self.demo)
        last.addStretch(1)
        last.addWidget(self.back)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(label("Put a local server on the web", font=ui_font(HERO, semibold=True)))
        column.addWidget(label("Pick a service. Its URL is copied as soon as it is online.", tone="muted", wrap=True))
        column.addSpacing(GAP)
        column.addLayout(heading)
        column.addWidget(box)
        column.addLayout(other)
        column.addWidget(self.other_error)
        keep = self.other_error.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # nothing moves when the error appears
        self.other_error.setSizePolicy(keep)
        column.addLayout(last)
        self.other_error.hide()
        self.list.hide()
        self._nothing.setMinimumHeight(self.list.minimumSizeHint().height())
        self._card.setMaximumWidth(self.fontMetrics().averageCharWidth() * 84)
        self._card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        centre = QHBoxLayout()
        centre.addStretch(1)
        centre.addWidget(self._card, 10)
        centre.addStretch(1)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(centre)
        self._outer.addStretch(1)

    def _connect(self) -> None:
        self._again.timeout.connect(self._look)
        self.refresh.clicked.connect(self._look)
        self._services.refreshed.connect(self._on_refreshed)
        self.list.picked.connect(self._on_picked)
        self.list.typed.connect(self._on_typed)
        self.other.textEdited.connect(lambda: self._say_error(""))
        self.other.returnPressed.connect(self._start_other)
        self.start_other.clicked.connect(self._start_other)
        self.demo.clicked.connect(self._start_demo)
        self.back.clicked.connect(self.cancelled)

    def _look(self) -> None:
        start(self._services.refresh(), name="find-services", show_problem=self._show_problem)

    def _on_refreshed(self) -> None:
        found = self._services.rowCount() > 0
        had_rows = not self.list.isHidden()
        self._found.setText("We found these running:" if found else "Services on this computer:")
        self._nothing.setText(_NOTHING)
        self._nothing.setVisible(not found)
        self.list.setVisible(found)
        if found and not had_rows and self.isVisible() and not self.other.text():
            self.take_focus()

    def _on_picked(self, service: LocalService) -> None:
        work = self._make(self._new_tunnels, service)
        start(work, name="start-tunnel", show_problem=self._show_problem, resting=self.list)

    def _on_typed(self, text: str) -> None:
        """Whoever types a port means the field, not a row of the list."""
        self.other.setFocus(Qt.FocusReason.OtherFocusReason)
        self.other.insert(text)
        self._say_error("")

    async def _make(self, new_tunnels: NewTunnels, service: LocalService) -> None:
        status = await new_tunnels.create(service.upstream, base_name(service))
        self.started.emit(status.spec.id)

    def _start_other(self) -> None:
        try:
            upstream = parse_upstream(self.other.text())
        except HatchwayError as error:
            self._say_error(f"{error.problem.title}. {error.problem.hint}")
            self.other.setFocus()
            return
        work = self._make(self._new_tunnels, LocalService(upstream, process=_host_base(upstream.host)))
        start(work, name="start-tunnel", show_problem=self._show_problem, resting=self.start_other)
        self.other.clear()

    def _start_demo(self) -> None:
        async def make() -> None:
            self.started.emit((await self._new_tunnels.create_demo()).spec.id)

        start(make(), name="start-demo", show_problem=self._show_problem, resting=self.demo)

    def _say_error(self, text: str) -> None:
        self.other_error.setText(text)
        self.other_error.setVisible(bool(text))
        set_look(self.other, "invalid", bool(text))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._card.setMaximumWidth(self.fontMetrics().averageCharWidth() * 84)


def _host_base(host: str) -> str:
    """`api` for api.example.test; nothing for localhost and addresses, which say nothing."""
    first = host.partition(".")[0]
    return "" if first == "localhost" or first.isdecimal() or ":" in host else first
