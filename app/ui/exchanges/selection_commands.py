"""What keys and menu do with the selected requests: one is shown and edited, two compared, any number sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.domain.exchange import Exchange
from app.engine.api import Workspace
from app.ui.exchanges.commands import ExchangeCommands
from app.ui.exchanges.copies import ExchangeCopies
from app.ui.exchanges.detail.replay_selection import ReplaySelection
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.marks import ExchangeMarks
from app.ui.exchanges.side import Side
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchanges import ExchangeTableModel


class SelectionCommands(QObject):
    """If nothing is selected, since the filter hides what the detail shows, the shown request is meant."""

    status_message = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        table: ExchangeTable,
        model: ExchangeTableModel,
        detail: ExchangeDetail,
        side: Side,
        commands: ExchangeCommands,
        marks: ExchangeMarks,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._table = table
        self._model = model
        self._detail = detail
        self._side = side
        self._commands = commands
        self._marks = marks
        self._window = parent
        self.copies = ExchangeCopies(workspace, self)
        self.copies.status_message.connect(self.status_message)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """By the ids of the actions."""
        table, commands, side = self._table, self._commands, self._side
        return {
            "exchange.detail": side.take_focus,
            "exchange.replay": lambda: commands.replay_all(table.selected_ids(), spacing=False),
            "exchange.spaced": lambda: commands.replay_all(table.selected_ids(), spacing=True),
            "exchange.stop": commands.stop,
            "exchange.edit": self._edit,
            "exchange.diff": self._compare,
            "exchange.curl": lambda: self.copies.curl(self._chosen()),
            "exchange.url": lambda: self.copies.urls(self._chosen()),
            "exchange.pin": lambda: self._marks.pin(table.selected_ids()),
            "exchange.note": lambda: side.show_detail().edit_note(),
            "exchange.delete": lambda: self._marks.delete(table.selected_ids()),
            "exchange.undo": self._marks.undo,
            "exchange.clear": lambda: self._marks.clear(self._model.scope),
            "exchange.back": side.show_detail,
            "exchange.next": lambda: table.move_current(1),
            "exchange.previous": lambda: table.move_current(-1),
            "exchange.next_tab": lambda: side.step_tab(1),
            "exchange.previous_tab": lambda: side.step_tab(-1),
        }

    def name(self, actions: Mapping[str, QAction]) -> None:
        """Say what they do with what is selected."""
        count = self._table.selected_count
        for action_id, one, more in (
            ("exchange.diff", self.tr("Compare with its replays"), self.tr("Compare the two")),
            ("exchange.curl", self.tr("Copy as cURL"), self.tr("Copy {0} as cURL").format(count)),
            ("exchange.url", self.tr("Copy URL"), self.tr("Copy {0} URLs").format(count)),
        ):
            actions[action_id].setText(one if count < 2 else more)

    def copy_shown(self) -> None:
        """Copy what the detail shows as a cURL command, whatever is selected."""
        if (exchange := self._detail.exchange) is not None:
            self.copies.curl([exchange])

    # -- inside ------------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[Exchange]:
        """Newest first."""
        found = [each for id_ in self._table.selected_ids() if (each := self._model.find(id_)) is not None]
        shown = self._detail.exchange
        return found or ([] if shown is None else [shown])

    def _compare(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 2:
            self._side.compare(chosen[1].id, chosen[0].id)
        elif len(chosen) == 1:
            self._side.show_detail().show_replays()
        else:
            self.status_message.emit(self.tr("Select two requests to compare them."))

    def _edit(self) -> None:
        """One request in the editor; of several, where they go and with which pauses."""
        chosen = self._chosen()
        if len(chosen) < 2:
            self._side.show_detail().edit()
            return
        dialog = ReplaySelection(chosen, self._workspace.tunnels, self._window)
        ids = [exchange.id for exchange in chosen]
        dialog.wanted.connect(lambda plan: self._commands.replay_series(ids, plan))
        dialog.open()
