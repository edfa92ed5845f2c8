from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.domain.verdict import Verdict
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

SECRET = "abcdefghijklmnop"


async def test_every_form_is_written_without_secrets_unless_wanted(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    headers = (("Authorization", f"Bearer {SECRET}"), ("X-Private-Token", SECRET))
    exchange = workspace.finish(an_exchange("POST", "/pay", 500, body=b"{}", request_headers=headers, started_ns=1))
    await until(lambda: pane.table.select(exchange.id))
    tab = pane.detail_panel.code
    pane.detail_panel.tabs.setCurrentWidget(tab)
    for number, words in enumerate(("curl", "httpx.request", "await fetch", "def test_post_pay")):
        tab.form.setCurrentIndex(number)
        await until(lambda words=words: words in tab.code.toPlainText())
        assert SECRET not in tab.code.toPlainText()
    tab.form.setCurrentIndex(1)
    tab.secrets.setChecked(True)
    await until(lambda: SECRET in tab.code.toPlainText())
    said: list[str] = []
    pane.status_message.connect(said.append)
    tab._copy()
    assert SECRET in QGuiApplication.clipboard().text()
    assert said == ["Code copied, with secrets."]
    other = workspace.finish(an_exchange("GET", "/", started_ns=2))
    await until(lambda: pane.table.select(other.id))
    assert not tab.secrets.isChecked(), "the switch is for one request"


async def test_the_test_knows_the_answer_of_the_repair(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.finish(an_exchange("POST", "/pay", 500, body=b"{}", started_ns=1))
    good = an_exchange("POST", "/pay", body=b"{}", answer=b'{"paid": true, "id": 7}', started_ns=2)
    good.replay_of, good.verdict = exchange.id, Verdict.FIXED
    await until(lambda: pane.table.select(exchange.id))
    tab = pane.detail_panel.code
    pane.detail_panel.tabs.setCurrentWidget(tab)
    tab.form.setCurrentIndex(3)
    await until(lambda: "assert response.status_code < 400" in tab.code.toPlainText())
    workspace.finish(good)
    await until(lambda: pane.table.select(exchange.id))
    tab.form.setCurrentIndex(0)
    tab.form.setCurrentIndex(3)
    await until(lambda: 'assert answer["paid"] is True' in tab.code.toPlainText())
    assert 'assert isinstance(answer["id"], int)' in tab.code.toPlainText()
