from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.problems import Problem, fail
from app.domain.services import LocalService
from app.domain.upstream import Upstream
from app.ui.first_run import FirstScreen
from app.viewmodels.new_tunnel import NewTunnels
from app.viewmodels.services import ServiceListModel
from tests.app.fake_workspace import FakeWorkspace
from tests.app.ui.conftest import Until

VITE = LocalService(Upstream("http", "localhost", 5173), "Vite", "My shop")


@pytest.fixture
def empty() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def screen(empty: FakeWorkspace, qtbot: QtBot, problems: list[Problem], qapp: QApplication) -> FirstScreen:
    made = FirstScreen(ServiceListModel(empty), NewTunnels(empty), problems.append)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def started(screen: FirstScreen) -> list[str]:
    ids: list[str] = []
    screen.started.connect(ids.append)
    return ids


async def test_enter_on_the_first_row_starts_its_tunnel(
    screen: FirstScreen, empty: FakeWorkspace, started: list[str], until: Until, qtbot: QtBot
) -> None:
    empty.services = [VITE]
    screen.show()
    await until(screen.list.isVisible)
    assert screen.list.currentIndex().row() == 0
    qtbot.keyClick(screen.list, Qt.Key.Key_Return)
    await until(lambda: started)
    spec = empty.tunnels[0].spec
    assert started == [spec.id]
    assert spec.upstream == VITE.upstream
    assert spec.name.startswith("my-shop-")


async def test_one_click_starts_a_tunnel(
    screen: FirstScreen, empty: FakeWorkspace, started: list[str], until: Until, qtbot: QtBot
) -> None:
    empty.services = [VITE]
    screen.show()
    await until(screen.list.isVisible)
    place = screen.list.visualRect(screen.list.model().index(0, 0)).center()
    qtbot.mouseClick(screen.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await until(lambda: started)
    assert len(empty.tunnels) == 1


async def test_a_service_that_starts_later_appears(screen: FirstScreen, empty: FakeWorkspace, until: Until) -> None:
    screen.show()
    await until(lambda: empty.calls)
    assert not screen.list.isVisible()
    empty.services = [VITE]
    screen.refresh.click()
    await until(screen.list.isVisible)


async def test_nothing_is_looked_for_while_hidden(screen: FirstScreen, empty: FakeWorkspace, until: Until) -> None:
    screen.show()
    await until(lambda: empty.calls)
    assert screen._again.isActive()
    screen.hide()
    assert not screen._again.isActive()


@pytest.mark.parametrize("text", ["", "ftp://x", "70000", "localhost:3000/path"])
async def test_a_wrong_target_is_explained_beside_the_field(
    screen: FirstScreen, empty: FakeWorkspace, text: str, qtbot: QtBot
) -> None:
    screen.show()
    screen.other.setText(text)
    qtbot.keyClick(screen.other, Qt.Key.Key_Return)
    assert screen.other_error.isVisible()
    assert screen.other_error.text()
    assert empty.tunnels == ()
    qtbot.keyClicks(screen.other, "1")
    assert not screen.other_error.isVisible()


async def test_another_target_can_be_typed(
    screen: FirstScreen, empty: FakeWorkspace, started: list[str], until: Until, qtbot: QtBot
) -> None:
    screen.show()
    qtbot.keyClicks(screen.other, "api.test:8080")
    qtbot.keyClick(screen.other, Qt.Key.Key_Return)
    await until(lambda: started)
    spec = empty.tunnels[0].spec
    assert spec.upstream == Upstream("http", "api.test", 8080)
    assert spec.name.startswith("api-")


async def test_a_port_typed_over_the_list_goes_to_the_field_and_starts_no_row(
    screen: FirstScreen, empty: FakeWorkspace, started: list[str], until: Until, qtbot: QtBot
) -> None:
    empty.services = [VITE]
    screen.show()
    await until(screen.list.isVisible)
    qtbot.keyClick(screen.list, "5")
    qtbot.keyClicks(screen.other, "000")
    qtbot.keyClick(screen.other, Qt.Key.Key_Return)
    await until(lambda: started)
    assert empty.tunnels[0].spec.upstream == Upstream("http", "localhost", 5000)


async def test_the_demo_needs_one_click(
    screen: FirstScreen, empty: FakeWorkspace, started: list[str], until: Until
) -> None:
    screen.show()
    screen.demo.click()
    await until(lambda: started)
    assert ("start_demo", "") in empty.calls


async def test_a_refusal_is_shown_and_the_button_wakes_again(
    screen: FirstScreen, empty: FakeWorkspace, problems: list[Problem], until: Until
) -> None:
    async def refuse() -> Upstream:
        raise fail("no_demo", "The demo cannot start", "Hatchway")

    empty.start_demo = refuse  # type: ignore[method-assign]
    screen.show()
    screen.demo.click()
    await until(lambda: problems and screen.demo.isEnabled())
    assert problems[0].code == "no_demo"


async def test_escape_goes_back_only_if_there_is_something_to_go_back_to(screen: FirstScreen, qtbot: QtBot) -> None:
    screen.show()
    left: list[None] = []
    screen.cancelled.connect(lambda: left.append(None))
    screen.offer_back(False)
    qtbot.keyClick(screen.other, Qt.Key.Key_Escape)
    assert left == []
    screen.offer_back(True)
    qtbot.keyClick(screen.other, Qt.Key.Key_Escape)
    assert left == [None]
