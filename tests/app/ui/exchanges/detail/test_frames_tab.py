from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.domain.events import FrameSeen
from app.domain.exchange import Exchange
from app.domain.frame import Direction, Frame
from app.ui.exchanges.detail.frames_tab import frame_text
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until


def frame(number: int, data: bytes, direction: Direction = "visitor") -> Frame:
    return Frame(number, direction, "text", 1_000_000_000 * number, data, len(data))


def pass_frame(workspace: FakeWorkspace, exchange: Exchange, seen: Frame) -> None:
    exchange.frames += 1
    workspace.archive.stored_frames.setdefault(exchange.id, []).append(seen)
    workspace.publish(FrameSeen(exchange.id, exchange.tunnel_id, seen))


def rows(pane: ExchangesPane) -> list[str]:
    model = pane.detail_panel.frames.model
    return [model.index(row, 3).data() for row in range(model.rowCount())]


async def socket(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> Exchange:
    exchange = an_exchange(status=None)
    exchange.kind, exchange.status = "websocket", 101
    workspace.begin(exchange)
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.frames)
    return exchange


async def test_messages_appear_as_they_pass(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = await socket(workspace, pane, until)
    pass_frame(workspace, exchange, frame(0, b'{"a": 1}'))
    pass_frame(workspace, exchange, frame(1, b"two\nlines\x1b", "upstream"))
    await until(lambda: rows(pane) == ['{"a": 1}', "two lines�"])
    tab = pane.detail_panel.frames
    tab.table.selectRow(0)
    assert tab.message.toPlainText() == '{\n  "a": 1\n}'
    tab._copy()
    assert QGuiApplication.clipboard().text() == '{"a": 1}'


async def test_messages_of_others_do_not_appear(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = await socket(workspace, pane, until)
    workspace.publish(FrameSeen("other", "t", frame(0, b"no")))
    pass_frame(workspace, exchange, frame(0, b"yes"))
    await until(lambda: rows(pane) == ["yes"])


async def test_a_pause_holds_them_back_and_a_filter_finds_them(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = await socket(workspace, pane, until)
    tab = pane.detail_panel.frames
    tab.pause.click()
    for number in range(3):
        pass_frame(workspace, exchange, frame(number, f"Message {number}".encode()))
    await until(lambda: tab.model.waiting == 3)
    assert rows(pane) == []
    tab.pause.click()
    await until(lambda: len(rows(pane)) == 3)
    tab.filter.setText("message 1")
    await until(lambda: rows(pane) == ["Message 1"])
    pass_frame(workspace, exchange, frame(3, b"message 1 again"))
    pass_frame(workspace, exchange, frame(4, b"other"))
    await until(lambda: rows(pane) == ["Message 1", "message 1 again"])


async def test_ten_thousand_recorded_messages_are_listed(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = an_exchange(status=101, started_ns=1)
    exchange.kind, exchange.frames = "websocket", 10_000
    workspace.archive.stored_frames[exchange.id] = [frame(number, b"%d" % number) for number in range(10_000)]
    workspace.finish(exchange)
    await until(lambda: pane.table.select(exchange.id))
    pane.detail_panel.tabs.setCurrentWidget(pane.detail_panel.frames)
    await until(lambda: pane.detail_panel.frames.model.rowCount() == 10_000)
    assert rows(pane)[-1] == "9999"


async def test_the_tab_is_there_only_where_messages_are(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    plain = workspace.finish(an_exchange(started_ns=1))
    await until(lambda: pane.table.select(plain.id))
    tabs = pane.detail_panel.tabs
    assert not tabs.isTabVisible(tabs.indexOf(pane.detail_panel.frames))
    for _ in range(tabs.count()):
        pane.detail_panel.step_tab(1)
        assert tabs.currentWidget() is not pane.detail_panel.frames


def test_what_is_shown_of_one_message() -> None:
    assert frame_text(Frame(0, "visitor", "binary", 1, b"\x00\xff" * 9, 18))[0] == (
        "000000  " + " ".join(["00 ff"] * 8) + "\n000010  00 ff"
    )
    assert frame_text(Frame(0, "visitor", "text", 1, b"abc", 9000))[0] == "abc\n[3 of 9.0 kB were kept]"
