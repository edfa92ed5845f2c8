from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QApplication

from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchanges import ExchangeTableModel
from app.viewmodels.headers_model import HeadersModel
from app.viewmodels.plain_tip import plain_tip
from tests.app.fake_workspace import an_exchange

PICTURE = "<img src='file:///etc/picture.png'>"


def shown(tip: str) -> str:
    """What a tool tip looks like: Qt decides by itself whether it takes the text for HTML."""
    return QTextDocumentFragment.fromHtml(tip).toPlainText() if QtText.mightBeRichText(tip) else tip


def tip_of(model: QAbstractTableModel, column: int) -> str:
    tip = model.index(0, column).data(Qt.ItemDataRole.ToolTipRole)
    assert isinstance(tip, str)
    return tip


@pytest.mark.parametrize("text", ["/plain?a=1&b=2", "/<b>bold</b>", f"Mozilla {PICTURE} & more", "a < b", "&lt;b&gt;"])
def test_a_tip_shows_its_text_literally(qapp: QApplication, text: str) -> None:
    assert shown(plain_tip(text)) == text


def test_a_tip_is_bounded(qapp: QApplication) -> None:
    assert len(plain_tip("/" * 100_000)) < 3000


def test_what_visitors_choose_is_no_html(qapp: QApplication) -> None:
    list_model, header_model = ExchangeTableModel(), HeadersModel()
    target, agent = f"/<b>{PICTURE}", f"{PICTURE} {'x' * 80}"
    list_model.apply([an_exchange("GET", target)])
    header_model.set_headers((("User-Agent", agent),))
    assert shown(tip_of(list_model, Column.PATH)) == target
    assert shown(tip_of(header_model, 1)) == agent
