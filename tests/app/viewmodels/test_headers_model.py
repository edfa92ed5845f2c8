from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from app.viewmodels.headers_model import HeadersModel

PAIRS = (("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X", ""))


def test_order_case_and_duplicates_are_kept(qapp: QApplication) -> None:
    model = HeadersModel()
    model.set_headers(PAIRS)
    shown = [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())]
    assert tuple(shown) == PAIRS
    assert model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "Set-Cookie: a=1"
    assert not model.setData(model.index(0, 0), "Y")


def test_editing(qapp: QApplication) -> None:
    model = HeadersModel(editable=True)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    edits = []
    model.edited.connect(lambda: edits.append(model.headers))
    model.set_headers(PAIRS)
    assert edits == []
    row = model.add_row()
    model.setData(model.index(row, 0), "X-New")
    model.setData(model.index(row, 1), " 1 ")
    model.remove_row(0)
    assert model.headers == (*PAIRS[1:], ("X-New", "1"))
    assert len(edits) == 4
    assert tester.model() is model
