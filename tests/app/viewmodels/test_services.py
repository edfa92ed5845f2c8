from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.services import LocalService
from app.domain.upstream import Upstream
from app.viewmodels.services import SERVICE_ROLE, ServiceListModel
from tests.app.fake_workspace import FakeWorkspace


def service(port: int, title: str = "") -> LocalService:
    return LocalService(Upstream("http", "localhost", port), "Vite", title)


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def model(qtbot: QtBot, workspace: FakeWorkspace) -> ServiceListModel:
    made = ServiceListModel(workspace)
    made.setProperty("tester", QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal))
    return made


def labels(model: ServiceListModel) -> list[object]:
    return [model.index(row).data() for row in range(model.rowCount())]


async def test_services_are_listed_by_port(model: ServiceListModel, workspace: FakeWorkspace) -> None:
    workspace.services = [service(8000), service(3000, "Shop")]
    await model.refresh()
    assert labels(model) == ["3000 - Vite - Shop", "8000 - Vite"]
    assert model.index(0).data(SERVICE_ROLE) == service(3000, "Shop")
    assert model.service(1) == service(8000)
    assert model.service(2) is None


async def test_refresh_keeps_the_rows_that_stay(model: ServiceListModel, workspace: FakeWorkspace) -> None:
    workspace.services = [service(3000), service(5000), service(8000)]
    await model.refresh()
    kept = QPersistentModelIndex(model.index(1))
    workspace.services = [service(4000), service(5000, "New title")]
    await model.refresh()
    assert labels(model) == ["4000 - Vite", "5000 - Vite - New title"]
    assert kept.isValid()
    assert kept.row() == 1


async def test_overlapping_looks_ask_only_once(model: ServiceListModel, workspace: FakeWorkspace) -> None:
    ready = asyncio.Event()

    async def slow() -> list[LocalService]:
        workspace.calls.append(("find_services", ""))
        await ready.wait()
        return [service(3000)]

    workspace.find_services = slow  # type: ignore[method-assign]
    first = asyncio.ensure_future(model.refresh())
    await asyncio.sleep(0)
    await model.refresh()
    ready.set()
    await first
    assert workspace.calls == [("find_services", "")]
    assert labels(model) == ["3000 - Vite"]


async def test_refreshed_comes_also_when_nothing_is_found(model: ServiceListModel, qtbot: QtBot) -> None:
    seen: list[None] = []
    model.refreshed.connect(lambda: seen.append(None))
    await model.refresh()
    assert seen == [None]
