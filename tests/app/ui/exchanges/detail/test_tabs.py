from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.domain.exchange import Exchange, ExchangeState, Headers
from app.domain.problems import Problem, fail
from app.ui.exchanges.detail.tabs import kind_of
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

REFUSED = Problem("upstream_refused", "Port 3000 refuses connections", "your service", "Start your service.")


def current(pane: ExchangesPane) -> QWidget:
    return pane.detail_panel.tabs.currentWidget()


async def shown(workspace: FakeWorkspace, pane: ExchangesPane, until: Until, exchange: Exchange) -> Exchange:
    workspace.begin(exchange)
    if exchange.state is not ExchangeState.RUNNING or exchange.status is not None:
        workspace.finish(exchange, exchange.problem)
    await until(lambda: pane.table.select(exchange.id))
    panel = pane.detail_panel
    await until(lambda: panel._detail.complete and not panel.request.body.busy and not panel.response.body.busy)
    return exchange


async def test_the_chosen_tab_stays_from_request_to_request(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    panel = pane.detail_panel
    await shown(workspace, pane, until, an_exchange(target="/1"))
    assert current(pane) is panel.overview
    panel.step_tab(2)
    assert current(pane) is panel.response
    await shown(workspace, pane, until, an_exchange(target="/2"))
    assert current(pane) is panel.response


async def test_each_kind_of_exchange_has_its_own_choice(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    panel = pane.detail_panel
    plain = await shown(workspace, pane, until, an_exchange(target="/plain"))
    panel.tabs.setCurrentWidget(panel.response)
    socket = an_exchange(target="/socket", status=101)
    socket.kind = "websocket"
    await shown(workspace, pane, until, socket)
    assert current(pane) is panel.frames
    failed = an_exchange(target="/failed", status=None)
    failed.problem = REFUSED
    failed.state = ExchangeState.FAILED
    await shown(workspace, pane, until, failed)
    assert current(pane) is panel.overview
    panel.tabs.setCurrentWidget(panel.request)
    for exchange, tab in ((plain, panel.response), (socket, panel.frames), (failed, panel.request)):
        pane.table.select(exchange.id)
        assert current(pane) is tab
        await until(lambda: panel._detail.complete and not panel.request.body.busy and not panel.response.body.busy)


async def test_a_failure_does_not_take_away_what_is_read(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.begin(an_exchange(status=None))
    await until(lambda: pane.table.select(exchange.id))
    panel = pane.detail_panel
    panel.tabs.setCurrentWidget(panel.request)
    workspace.finish(exchange, REFUSED)
    await until(lambda: panel._detail.exchange is not None and panel._detail.exchange.problem == REFUSED)
    assert current(pane) is panel.request
    await until(lambda: not panel.request.body.busy)


async def test_a_refused_replay_is_shown_without_being_a_choice(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    panel = pane.detail_panel
    await shown(workspace, pane, until, an_exchange(target="/1"))
    panel.tabs.setCurrentWidget(panel.timing)
    panel.show_problem(REFUSED)
    assert current(pane) is panel.overview
    await shown(workspace, pane, until, an_exchange(target="/2"))
    assert current(pane) is panel.timing


async def test_only_the_visible_tab_is_filled(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = pane.detail_panel
    await shown(workspace, pane, until, an_exchange(target="/1"))
    shows: list[QWidget] = []
    for page in (panel.overview, panel.request, panel.response, panel.timing):
        kept = page.show_exchange
        monkeypatch.setattr(
            page, "show_exchange", lambda *a, page=page, kept=kept, **k: (shows.append(page), kept(*a, **k))
        )
    panel.tabs.refresh()
    assert shows == [panel.overview]
    panel.tabs.setCurrentWidget(panel.timing)
    assert shows == [panel.overview, panel.timing]
    panel.edit()
    await until(lambda: panel.editing)
    panel.tabs.refresh()
    assert len(shows) == 2, "the editor hides the tabs"
    panel._close_editor()
    assert shows[2:] == [panel.timing]


async def test_a_recording_that_cannot_be_read_is_told_in_every_tab(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    exchange = workspace.finish(workspace.begin(an_exchange(answer=b"x")))
    await until(lambda: pane.table.model().rowCount())
    workspace.history_error = fail("history_damaged", "The history cannot be read", "Hatchway", "Restart Hatchway.")
    pane.table.select(exchange.id)
    panel = pane.detail_panel
    await until(lambda: panel._detail.trouble)
    for tab in (panel.request, panel.response):
        panel.tabs.setCurrentWidget(tab)
        assert tab.body._message.text().startswith("The history cannot be read")


@pytest.mark.parametrize(
    ("headers", "state", "frames", "kind"),
    [
        ((), ExchangeState.DONE, 0, "other"),
        ((), ExchangeState.RUNNING, 0, "other"),
        ((), ExchangeState.CANCELLED, 0, "other"),
        ((), ExchangeState.FAILED, 0, "failed"),
        ((), ExchangeState.FAILED, 3, "messages"),
        ((("Content-Type", "Text/Event-Stream; charset=utf-8"),), ExchangeState.RUNNING, 0, "messages"),
    ],
)
def test_kinds(headers: Headers, state: ExchangeState, frames: int, kind: str) -> None:
    exchange = an_exchange()
    exchange.response_headers, exchange.state, exchange.frames = headers, state, frames
    assert kind_of(exchange) == kind
