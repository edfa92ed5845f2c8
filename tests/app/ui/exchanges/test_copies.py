from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.domain.exchange import Body
from app.domain.problems import fail
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

Key = Qt.Key


@pytest.fixture
async def said(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> list[str]:
    """Three requests with a secret each are selected; returns what the status line says from now on."""
    headers = (("Authorization", "Bearer hunter2hunter2"),)
    for number in (1, 2, 3):
        workspace.begin(an_exchange("POST", f"/{number}", body=b"x=1", request_headers=headers, started_ns=number))
    await until(lambda: pane._model.rowCount() == 3)
    pane.table.setFocus()
    pane.table.selectAll()
    QGuiApplication.clipboard().clear()
    heard: list[str] = []
    pane.status_message.connect(heard.append)
    return heard


async def test_several_are_copied_as_curl_without_secrets_in_the_order_they_came(
    pane: ExchangesPane, until: Until, said: list[str]
) -> None:
    QTest.keyClick(pane.table, Key.Key_C)
    await until(lambda: said)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("curl ")
    assert text.count("\ncurl ") == 2
    assert text.index("/1") < text.index("/2") < text.index("/3")
    assert "hunter2" not in text
    assert said == ["3 requests copied as cURL, secrets as shell variables."]


async def test_what_is_cut_or_gone_is_counted(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, said: list[str]
) -> None:
    workspace.archive.exchanges[f"{2:012}"].request_body = Body(b"x", size=9)
    workspace.forget(workspace.archive.exchanges[f"{3:012}"])
    QTest.keyClick(pane.table, Key.Key_C)
    await until(lambda: said)
    assert said == [
        "2 requests copied as cURL, secrets as shell variables. 1 of the bodies were cut when they were captured."
        " The recordings of 1 are gone."
    ]


async def test_nothing_is_copied_when_the_history_fails(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, said: list[str]
) -> None:
    workspace.history_error = fail("history_damaged", "The history cannot be read", "Hatchway")
    QTest.keyClick(pane.table, Key.Key_C)
    await until(lambda: said)
    assert said == ["The history cannot be read (Hatchway)."]
    assert QGuiApplication.clipboard().text() == ""


async def test_urls_of_all_selected(pane: ExchangesPane, said: list[str]) -> None:
    QTest.keyClick(pane.table, Key.Key_U)
    assert QGuiApplication.clipboard().text().splitlines() == [
        f"http://shop.localhost:4780/{number}" for number in (1, 2, 3)
    ]
    assert said == ["3 URLs copied."]


async def test_the_button_copies_the_shown_one_only(pane: ExchangesPane, until: Until, said: list[str]) -> None:
    buttons = pane.detail_panel.findChildren(QPushButton)
    next(button for button in buttons if button.accessibleName() == "Copy as cURL").click()
    await until(lambda: said)
    assert QGuiApplication.clipboard().text().count("curl ") == 1
    assert said == ["Copied as cURL, secrets as shell variables."]
