from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

SECRET = "hunter2hunter2"


async def asked(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    """The banner is open on a request with two secrets."""
    headers = (("Authorization", "Bearer abcdefghijklmnop"), ("Content-Type", "application/json"))
    exchange = an_exchange("POST", "/login", started_ns=1, request_headers=headers)
    exchange.request_body.append(f'{{"password": "{SECRET}"}}'.encode())
    workspace.finish(exchange)
    await until(lambda: pane.table.select(exchange.id))
    pane.table_actions["exchange.har_secrets"].trigger()
    await until(pane._files.banner.isVisible)


def dialogs(pane: ExchangesPane) -> list[QFileDialog]:
    return [each for each in pane.findChildren(QFileDialog) if each.isVisible()]


async def test_secrets_are_named_before_they_are_written(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, tmp_path: Path
) -> None:
    await asked(workspace, pane, until)
    banner = pane._files.banner
    words = "1 request. With secrets, the file holds as they were recorded: authorization, password."
    assert banner.words.text() == words
    assert banner.without.hasFocus(), "Enter does not give secrets away"
    said: list[str] = []
    pane.status_message.connect(said.append)
    banner.with_secrets.click()
    assert banner.isHidden()
    (dialog,) = dialogs(pane)
    assert dialog.windowTitle() == "Save requests WITH secrets"
    file = tmp_path / "out.har"
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    await until(lambda: bool(said))
    assert said == ["1 request written to out.har, WITH secrets."]
    assert SECRET in file.read_text()


async def test_the_question_can_be_answered_with_no(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, tmp_path: Path
) -> None:
    await asked(workspace, pane, until)
    pane._files.banner.without.click()
    (dialog,) = dialogs(pane)
    assert dialog.windowTitle() == "Save requests without secrets"
    file = tmp_path / "out.har"
    dialog.fileSelected.emit(str(file))
    dialog.reject()
    await until(file.exists)
    assert SECRET not in file.read_text()


async def test_escape_withdraws_the_question(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    await asked(workspace, pane, until)
    QTest.keyClick(pane._files.banner.without, Qt.Key.Key_Escape)
    assert pane._files.banner.isHidden()
    assert pane.table.hasFocus()
    assert dialogs(pane) == []


async def test_many_kinds_are_counted(pane: ExchangesPane) -> None:
    banner = pane._files.banner
    banner.ask(1200, {f"kind_{letter}": number for number, letter in enumerate("abcdefgh", 1)})
    assert banner.words.text() == (
        "1200 requests. With secrets, the file holds as they were recorded: "
        "kind_h (8), kind_g (7), kind_f (6), kind_e (5), kind_d (4), kind_c (3) and 2 more kinds."
    )
    banner.ask(2, {})
    assert "No secrets were found" in banner.words.text()
