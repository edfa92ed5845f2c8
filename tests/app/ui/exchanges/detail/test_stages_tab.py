from __future__ import annotations

from app.domain.exchange import Delivered, Exchange, Rewriting, VisitorRequest
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until


def visited() -> Exchange:
    """A redirect whose place was moved below the tunnel's name."""
    exchange = an_exchange("GET", "/old", 302, answer=b"same\nbody", content_type="text/plain")
    exchange.response_headers = (("Content-Type", "text/plain"), ("Location", "/new"), ("Server", "x"))
    exchange.request_headers = (("Host", "localhost:3000"),)
    exchange.visitor_request = VisitorRequest("GET", "/shop/old", (("Host", "h:4780"),))
    exchange.rewriting = Rewriting(layers=("L0",), edits={"location": 1})
    exchange.delivered = Delivered(302, (("Content-Type", "text/plain"), ("Location", "/shop/new"), ("Server", "x")), 9)
    return exchange


async def opened(workspace: FakeWorkspace, pane: ExchangesPane, until: Until, exchange: Exchange) -> None:
    workspace.finish(exchange)
    await until(lambda: pane.table.select(exchange.id))
    await until(lambda: pane.detail_panel._detail.complete)
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.stages)


async def test_the_answer_is_compared_first(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    await opened(workspace, pane, until, visited())
    tab = pane.detail_panel.stages
    await until(lambda: "+ Location: /shop/new" in tab.diff.left.toPlainText())
    assert "- Location: /new" in tab.diff.left.toPlainText()
    assert "1 change" in tab.diff.summary.text()


async def test_any_two_can_be_chosen(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    await opened(workspace, pane, until, visited())
    tab = pane.detail_panel.stages
    tab.left.setCurrentIndex(0)
    tab.right.setCurrentIndex(1)
    await until(lambda: "+ GET /old" in tab.diff.left.toPlainText())
    assert "- GET /shop/old" in tab.diff.left.toPlainText()
    tab.right.setCurrentIndex(0)
    await until(lambda: tab.diff.summary.text() == "Identical")


async def test_both_can_stand_beside_each_other(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    await opened(workspace, pane, until, visited())
    diff = pane.detail_panel.stages.diff
    await until(lambda: bool(diff.left.toPlainText()))
    diff.beside.click()
    assert "- Location: /new" in diff.left.toPlainText()
    assert "+ Location: /shop/new" in diff.right.toPlainText()
    assert diff.left.blockCount() == diff.right.blockCount()


async def test_steps_go_from_change_to_change(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = visited()
    exchange.delivered = Delivered(
        302, (("Content-Type", "text/html"), *exchange.response_headers[1:2], ("Server", "y"))
    )
    await opened(workspace, pane, until, exchange)
    diff = pane.detail_panel.stages.diff
    await until(lambda: "2 change" in diff.summary.text())
    first = diff.left.current
    assert diff.step(1)
    assert diff.left.current > first
    assert not diff.step(1)
    assert diff.step(-1)
    assert diff.left.current == first


async def test_what_nobody_told_is_said(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    replay = an_exchange()
    replay.replay_of = "x"
    await opened(workspace, pane, until, replay)
    tab = pane.detail_panel.stages
    await until(lambda: "no visitor" in tab.notes.text())
    assert tab.diff.summary.text() == "Nothing to compare"
