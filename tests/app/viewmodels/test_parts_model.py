from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from app.viewmodels.message_parts import MASK, PartLine
from app.viewmodels.parts_model import PartsModel

LINES = (PartLine("sid", "s3cret", "for 1 h", secret=True), PartLine("lang", "<b>en</b>" * 9))


def model() -> PartsModel:
    made = PartsModel()
    made.set_lines(LINES)
    return made


def row(made: PartsModel, number: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    return [made.data(made.index(number, column), role) for column in range(made.columnCount())]


def test_secrets_are_masked_until_they_are_wanted() -> None:
    made = model()
    assert row(made, 0) == ["sid", MASK, "for 1 h"]
    assert made.masked(made.index(0, 1))
    assert not made.masked(made.index(0, 0))
    assert not made.masked(made.index(1, 1))
    made.reveal(True)
    assert row(made, 0) == ["sid", "s3cret", "for 1 h"]
    assert not made.masked(made.index(0, 1))


def test_a_masked_value_is_in_no_other_role() -> None:
    made = model()
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.EditRole):
        assert "s3cret" not in str(row(made, 0, role))


def test_another_table_is_masked_again_and_the_same_one_is_not() -> None:
    made = model()
    made.reveal(True)
    resets: list[bool] = []
    made.modelReset.connect(lambda: resets.append(True))
    made.set_lines(tuple(LINES))
    assert made.revealed
    assert not resets
    made.set_lines(LINES[:1])
    assert not made.revealed
    assert resets
    assert made.rowCount() == 1


def test_tips_show_markup_as_text() -> None:
    tip = row(model(), 1, Qt.ItemDataRole.ToolTipRole)[1]
    assert "&lt;b&gt;" in tip
