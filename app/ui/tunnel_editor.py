"""The tunnel editor: every field is checked where it stands, [Test] asks the port, [Save] waits until all is well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.backend import BackendProfile
from app.domain.problems import HatchwayError, Problem
from app.domain.tunnel import TunnelSpec, check_name
from app.domain.upstream import Upstream, parse_upstream
from app.ui.async_slots import start
from app.ui.backend_choice import BackendChoice
from app.ui.fonts import SECONDARY, TITLE, ui_font
from app.ui.labels import DIALOG, GAP, PANEL, label, set_look, set_tone
from app.ui.rewriting_choice import RewritingChoice
from app.viewmodels.port_probe import probe

Save = Callable[[TunnelSpec], Awaitable[None]]


class TunnelEditor(QDialog):
    """Window-modal; show it with `loop.ask`. `save` gets the edited spec; a HatchwayError of it is shown inside."""

    def __init__(
        self,
        spec: TunnelSpec,
        taken: frozenset[str],
        save: Save,
        parent: QWidget | None = None,
        *,
        backends: Sequence[BackendProfile] = (),
    ) -> None:
        """`taken`: names of the other tunnels; `backends`: where it may run besides this computer."""
        super().__init__(parent)
        self._spec = spec
        self._taken = taken
        self._save_spec = save
        self.setWindowTitle(f"Edit {spec.name}")
        self.name = QLineEdit(spec.name)
        self.name_error = _error_line()
        self.forward = QLineEdit(str(spec.upstream))
        self.forward_error = _error_line()
        self.test = QPushButton("Test")
        self.test.setToolTip("See whether something answers there")
        self.rewrite_host = QRadioButton("Rewrite to the service's own")
        self.keep_host = QRadioButton("Keep the public one")
        self.tell_public = QCheckBox("Tell the service its public address")
        self.rewriting = RewritingChoice(spec)
        self.backend = BackendChoice(spec, backends)
        self.self_signed = QCheckBox("Accept a self-signed certificate")
        self.connect_timeout = _seconds(spec.connect_timeout, 0.5, 60)
        self.response_timeout = _seconds(spec.response_timeout, 1, 3600)
        self.result_line = label(wrap=True)
        self.cancel = QPushButton("Cancel")
        self.save = QPushButton("Save")
        self._lay_out()
        self._fill()
        self._connect()
        self._check()

    def edited(self) -> TunnelSpec | None:
        """The spec as the fields say, None while a field is wrong."""
        try:
            name = check_name(self.name.text())
            upstream = parse_upstream(self.forward.text())
        except HatchwayError:
            return None
        if name in self._taken:
            return None
        return replace(
            self.backend.apply_to(self.rewriting.apply_to(self._spec)),
            name=name,
            upstream=upstream,
            host_header="upstream" if self.rewrite_host.isChecked() else "public",
            forwarded="aware" if self.tell_public.isChecked() else "localhost",
            verify_tls=not self.self_signed.isChecked(),
            connect_timeout=self.connect_timeout.value(),
            response_timeout=self.response_timeout.value(),
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(PANEL)
        form.setVerticalSpacing(GAP)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        forward = QHBoxLayout()
        forward.setSpacing(GAP)
        forward.addWidget(self.forward, 1)
        forward.addWidget(self.test)
        host = QHBoxLayout()
        host.setSpacing(DIALOG)
        host.addWidget(self.rewrite_host)
        host.addWidget(self.keep_host)
        host.addStretch(1)
        timeouts = QHBoxLayout()
        timeouts.setSpacing(GAP)
        for caption, field in (("connect", self.connect_timeout), ("first byte", self.response_timeout)):
            timeouts.addWidget(label(caption, tone="muted"))
            timeouts.addWidget(field)
        timeouts.addStretch(1)
        form.addRow(_caption("&Name", self.name), self.name)
        form.addRow("", self.name_error)
        form.addRow(_caption("&Forward to", self.forward), forward)
        form.addRow("", self.forward_error)
        form.addRow(_caption("R&uns on", self.backend), self.backend)
        form.addRow(_caption("Host header", self.rewrite_host), host)
        form.addRow(_caption("Proxy headers", self.tell_public), self.tell_public)
        form.addRow(_caption("&Rewriting", self.rewriting.mode), self.rewriting)
        form.addRow(_caption("Certificate", self.self_signed), self.self_signed)
        form.addRow(_caption("&Timeouts", self.connect_timeout), timeouts)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.result_line, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(label("Edit tunnel", font=ui_font(TITLE, semibold=True)))
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 80)

    def _fill(self) -> None:
        self.name.setAccessibleName("Name")
        self.forward.setAccessibleName("Forward to")
        self.rewrite_host.setAccessibleName("Host header: rewrite to the service's own")
        self.keep_host.setAccessibleName("Host header: keep the public one")
        self.connect_timeout.setAccessibleName("Timeout to connect, in seconds")
        self.response_timeout.setAccessibleName("Timeout until the first byte of the answer, in seconds")
        self.rewrite_host.setToolTip("Development servers refuse hosts they do not know")
        self.keep_host.setToolTip("For services that build links from the Host header")
        self.rewrite_host.setChecked(self._spec.host_header == "upstream")
        self.keep_host.setChecked(self._spec.host_header == "public")
        self.tell_public.setToolTip("Sends X-Forwarded-* and Forwarded; for frameworks that are set to trust a proxy")
        self.tell_public.setChecked(self._spec.forwarded == "aware")
        self.self_signed.setChecked(not self._spec.verify_tls)
        for box in (self.tell_public, self.self_signed):
            box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.save.setDefault(True)
        self.test.setAutoDefault(False)
        self.cancel.setAutoDefault(False)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._check)
        self.forward.textChanged.connect(self._check)
        self.forward.textChanged.connect(lambda: self._say(""))
        self.rewriting.mode.currentIndexChanged.connect(self._check)  # the explanation may take another line
        self.test.clicked.connect(self._on_test)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._on_save)

    def _check(self) -> None:
        _show_error(self.name, self.name_error, self._name_problem())
        upstream = self._upstream()
        problem = upstream if isinstance(upstream, Problem) else None
        _show_error(self.forward, self.forward_error, problem)
        self.test.setEnabled(problem is None)
        self.self_signed.setEnabled(isinstance(upstream, Upstream) and upstream.scheme == "https")
        self.self_signed.setToolTip("" if self.self_signed.isEnabled() else "For https:// services")
        self.save.setEnabled(self.edited() is not None)
        QTimer.singleShot(0, self, self._make_room)  # when the lines that came or went have their sizes

    def _make_room(self) -> None:
        """A form layout reserves one line for text that wraps."""
        self.resize(self.width(), max(self.height(), self._column.totalHeightForWidth(self.width())))

    def _name_problem(self) -> Problem | None:
        try:
            name = check_name(self.name.text())
        except HatchwayError as error:
            return error.problem
        if name in self._taken:
            return Problem("name_in_use", f"Another tunnel is called “{name}”", "you", "Choose another name.")
        return None

    def _upstream(self) -> Upstream | Problem:
        try:
            return parse_upstream(self.forward.text())
        except HatchwayError as error:
            return error.problem

    def _on_test(self) -> None:
        if isinstance(upstream := self._upstream(), Upstream):
            self._say("Testing…")
            start(self._test(upstream), name="test-port", show_problem=self._say_problem, resting=self.test)

    async def _test(self, upstream: Upstream) -> None:
        await probe(upstream)
        self._say(f"✓ {upstream.authority} answers", ok=True)

    def _on_save(self) -> None:
        if (spec := self.edited()) is not None:
            self._say("" if spec.backend == self._spec.backend else f"Moving to {self.backend.currentText()}…")
            start(self._save(spec), name="save-tunnel", show_problem=self._say_problem, resting=self.save)

    async def _save(self, spec: TunnelSpec) -> None:
        await self._save_spec(spec)
        self.accept()

    def _say(self, text: str, *, ok: bool = False) -> None:
        set_tone(self.result_line, "ok" if ok else "muted")
        self.result_line.setText(text)

    def _say_problem(self, problem: Problem) -> None:
        set_tone(self.result_line, "problem")
        self.result_line.setText(f"✕ {problem.title}. {problem.hint}")


def _error_line() -> QLabel:
    line = label(tone="problem", font=ui_font(SECONDARY), wrap=True)
    line.hide()
    return line


def _show_error(field: QLineEdit, line: QLabel, problem: Problem | None) -> None:
    line.setText(f"{problem.title}. {problem.hint}" if problem else "")
    line.setVisible(problem is not None)
    field.setAccessibleDescription(line.text())
    set_look(field, "invalid", problem is not None)


def _caption(text: str, buddy: QWidget) -> QLabel:
    caption = QLabel(text)
    caption.setBuddy(buddy)
    return caption


def _seconds(value: float, least: float, most: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(1)
    box.setRange(least, most)
    box.setSuffix(" s")
    box.setValue(value)
    box.lineEdit().setTextMargins(GAP, 0, GAP, 0)
    return box
