"""Which columns of the list are shown in the room there is, how wide and in which order."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from app.ui.exchanges.column_header import ColumnHeader
from app.ui.exchanges.row_delegate import RowDelegate
from app.viewmodels.column_choice import ColumnChoice
from app.viewmodels.exchange_columns import TITLES, Column

_SAMPLES = {
    Column.STATUS: "failed",
    Column.TIME: "23:59:59",
    Column.METHOD: "OPTIONS",
    Column.TYPE: "multipart",
    Column.REQUEST_SIZE: "999 kB",
    Column.SIZE: "999 kB",
    Column.DURATION: "59 m 59 s",
    Column.VERDICT: "✗ still failing",
    Column.REPLAY_OF: "0123456789ab",
    Column.TUNNEL: "some-service",
    Column.HOST: "shop.localhost:4780",
    Column.VISITOR: "255.255.255.255",
    Column.SIGNATURE: "Standard Webhooks",
    Column.NOTE: "a few words of notes",
}
# Narrow lists give up the least telling columns first; those that the user has asked for stay longer than the usual.
_DROPPED_FIRST = (
    Column.TYPE, Column.TIME, Column.SIZE,
    Column.VISITOR, Column.HOST, Column.REPLAY_OF, Column.REQUEST_SIZE, Column.NOTE, Column.SIGNATURE, Column.TUNNEL,
    Column.VERDICT,
)  # fmt: skip
_PATH_LEAST = 16  # characters
_TITLE_PADDING = 18


class ColumnLayout(QObject):
    """The path takes what the others leave; where that is too little, columns are hidden for the time being.

    `changed` comes when the user has arranged something.
    """

    changed = Signal()

    def __init__(self, table: QTableView, header: ColumnHeader, delegate: RowDelegate) -> None:
        super().__init__(table)
        self._table = table
        self._header = header
        self._delegate = delegate
        self._choice = ColumnChoice()
        self._arranging = False
        header.sectionMoved.connect(self._on_moved)
        header.width_wanted.connect(self._on_width_wanted)
        header.width_forgotten.connect(lambda column: self._choose(self._choice.with_width(Column(column), None)))

    @property
    def choice(self) -> ColumnChoice:
        """What the user wants, whether there is room for it or not."""
        return self._choice

    def crowded_out(self, column: Column) -> bool:
        """Whether there is no room for this column, which the user wants."""
        return column in self._choice.wanted and self._header.isSectionHidden(column)

    def show_choice(self, choice: ColumnChoice) -> None:
        """Arrange the columns as they were chosen."""
        self._choice = choice
        self._arranging = True
        for place, column in enumerate(choice.order):
            self._header.moveSection(self._header.visualIndex(column), place)
        self._arranging = False
        self.fit()

    def want(self, column: Column, wanted: bool) -> None:
        """Show the column where there is room, or never."""
        self._choose(self._choice.with_column(column, wanted=wanted))

    def reset(self) -> None:
        """As it was in the beginning."""
        self.show_choice(ColumnChoice())
        self.changed.emit()

    def begin(self) -> None:
        """The header has its columns now."""
        for column in Column:
            mode = QHeaderView.ResizeMode.Stretch if column is Column.PATH else QHeaderView.ResizeMode.Fixed
            self._header.setSectionResizeMode(column, mode)

    def fit(self) -> None:
        """Use the room: font, theme, window or choice have changed."""
        wanted = self._choice.wanted
        widths = {column: self._width(column) for column in _SAMPLES}
        room = self._table.viewport().width() - sum(widths[column] for column in widths if column in wanted)
        hidden = {column for column in _SAMPLES if column not in wanted}
        for column in _DROPPED_FIRST:
            if room >= self._path_least:
                break
            if column not in hidden:
                hidden.add(column)
                room += widths[column]
        for column, width in widths.items():
            if self._header.isSectionHidden(column) != (column in hidden):
                self._header.setSectionHidden(column, column in hidden)
            if column not in hidden and self._header.sectionSize(column) != width:
                self._header.resizeSection(column, width)

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _character(self) -> int:
        return max(1, self._delegate.width_of("00") - self._delegate.width_of("0"))

    @property
    def _path_least(self) -> int:
        return _PATH_LEAST * self._character

    def _width(self, column: Column) -> int:
        chosen = self._choice.widths.get(column)
        if chosen is not None:
            return round(chosen * self._character)
        title = self._header.fontMetrics().horizontalAdvance(self.tr(TITLES[column])) + _TITLE_PADDING
        cell = self._delegate.width_of(_SAMPLES[column])
        if column is Column.STATUS:
            cell += round(self._delegate.shape_side + 8)
        return max(title, cell)

    def _choose(self, choice: ColumnChoice) -> None:
        self._choice = choice
        self.fit()
        self.changed.emit()

    def _on_width_wanted(self, section: int, width: int) -> None:
        # Not at the cost of the path, else its neighbours would vanish under the pointer.
        spare = self._header.sectionSize(Column.PATH) - self._path_least
        width = min(width, self._header.sectionSize(section) + max(0, spare))
        self._choose(self._choice.with_width(Column(section), width / self._character))

    def _on_moved(self) -> None:
        if not self._arranging:
            self._arranging = True
            # Qt keeps the first one from being moved, but not others from being put before it.
            self._header.moveSection(self._header.visualIndex(Column.STATUS), 0)
            self._arranging = False
            order = tuple(Column(self._header.logicalIndex(place)) for place in range(self._header.count()))
            self._choice = ColumnChoice(self._choice.wanted, order, self._choice.widths)
            self.changed.emit()
