from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.exchange import Body, Exchange, ExchangeState, Rewriting
from app.domain.problems import fail
from app.viewmodels.exchange_detail import ExchangeDetail, lead_ms, phases
from tests.app.fake_workspace import FakeWorkspace, an_exchange


def test_phases_go_as_far_as_the_exchange() -> None:
    exchange = an_exchange()
    assert [(phase.start, phase.end) for phase in phases(exchange)] == [(0.0, 1.0), (1.0, 21.0), (21.0, 31.0)]
    exchange.first_byte_ns = exchange.finished_ns = None
    assert [(phase.start, phase.end) for phase in phases(exchange)] == [(0.0, 1.0), (1.0, None)]
    exchange.sent_ns = None
    assert [(phase.label, phase.end) for phase in phases(exchange)] == [("Connecting to the service", None)]


def test_phases_stay_inside_the_whole_when_clocks_jump() -> None:
    exchange = an_exchange()
    exchange.first_byte_ns = exchange.started_ns + 10**12
    assert max(phase.end or 0 for phase in phases(exchange)) == 31.0


def test_the_way_from_the_relay_is_a_phase_where_its_clock_is_ours() -> None:
    exchange = an_exchange()
    exchange.relay_ns = exchange.started_ns - 2_000_000
    assert [(phase.start, phase.end) for phase in phases(exchange)] == [
        (0.0, 2.0), (2.0, 3.0), (3.0, 23.0), (23.0, 33.0),
    ]  # fmt: skip
    assert lead_ms(exchange) == 2.0
    exchange.relay_ns = exchange.started_ns + 1
    assert lead_ms(exchange) == 0.0
    assert len(phases(exchange)) == 3


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def detail(workspace: FakeWorkspace, qapp: QApplication) -> ExchangeDetail:
    return ExchangeDetail(workspace)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def outline(exchange: Exchange) -> Exchange:
    return an_exchange(exchange.method, exchange.target, exchange.status, started_ns=exchange.started_ns)


async def test_an_outline_is_shown_at_once_and_completed(detail: ExchangeDetail, workspace: FakeWorkspace) -> None:
    exchange = an_exchange(answer=b"body", started_ns=1)
    workspace.record(exchange)
    detail.show(outline(exchange))
    assert not detail.complete
    await settle()
    assert detail.complete
    assert detail.exchange is exchange


async def test_a_later_choice_wins(detail: ExchangeDetail, workspace: FakeWorkspace) -> None:
    first, second = an_exchange(started_ns=1), an_exchange(started_ns=2)
    workspace.record(first, second)
    detail.show(outline(first))
    detail.show(outline(second))
    await settle()
    assert detail.exchange is second
    detail.show(None)
    await settle()
    assert detail.exchange is None


async def test_a_running_exchange_is_live(detail: ExchangeDetail, workspace: FakeWorkspace) -> None:
    exchange = an_exchange(status=None)
    detail.show(exchange)
    assert detail.complete
    updates = []
    detail.updated.connect(lambda: updates.append(detail.exchange and detail.exchange.state))
    exchange.state = ExchangeState.DONE
    exchange.response_body = Body(b"x")
    detail.update(exchange)
    detail.update(an_exchange())
    assert updates == [ExchangeState.DONE]
    await settle()
    assert workspace.calls == []


async def test_an_outline_of_the_end_is_completed(detail: ExchangeDetail, workspace: FakeWorkspace) -> None:
    exchange = an_exchange(status=None, started_ns=1)
    detail.show(exchange)
    ended = an_exchange(started_ns=1, answer=b"all of it")
    workspace.record(ended)
    detail.update(outline(ended))
    assert not detail.complete
    await settle()
    assert detail.exchange is ended


async def test_a_cleared_recording_is_said(detail: ExchangeDetail) -> None:
    said: list[str] = []
    detail.failed.connect(said.append)
    detail.show(an_exchange())
    await settle()
    assert said[0].startswith("The recording of this request is gone")


async def test_a_broken_history_is_said(detail: ExchangeDetail, workspace: FakeWorkspace) -> None:
    workspace.history_error = fail("history_damaged", "The history cannot be read", "Hatchway", "Restart Hatchway.")
    said: list[str] = []
    detail.failed.connect(said.append)
    detail.show(an_exchange())
    await settle()
    assert said == ["The history cannot be read (Hatchway). Restart Hatchway."]


async def test_what_rewriting_did_is_shown_as_soon_as_it_is_known(
    detail: ExchangeDetail, workspace: FakeWorkspace
) -> None:
    exchange = an_exchange(started_ns=1)
    workspace.record(exchange)
    detail.show(outline(exchange))
    await settle()
    updates = []
    detail.updated.connect(lambda: updates.append(detail.exchange and detail.exchange.rewriting))
    detail.rewritten("another", Rewriting("css"))
    detail.rewritten(exchange.id, Rewriting("html"))
    assert updates == [Rewriting("html")]
    assert detail.complete


async def test_what_rewriting_did_is_not_lost_while_the_recording_loads(
    detail: ExchangeDetail, workspace: FakeWorkspace
) -> None:
    exchange = an_exchange(answer=b"body", started_ns=1)
    workspace.record(exchange)
    detail.show(outline(exchange))
    detail.rewritten(exchange.id, Rewriting("html"))
    await settle()
    assert detail.exchange is exchange, "the recording, which was read before"
    assert exchange.rewriting == Rewriting("html")
