"""The two ways to copy the public URL: the button and the URL itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.ui.copy_button import COPIED, CopyButton
from app.ui.hero_url import HeroUrl

URL = "https://shop.example.test/"


@pytest.fixture
def button(qtbot: QtBot) -> CopyButton:
    made = CopyButton("public URL")
    made.set_text_to_copy(URL)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def hero(qtbot: QtBot) -> HeroUrl:
    made = HeroUrl()
    made.set_url(URL)
    made.resize(made.sizeHint())
    qtbot.addWidget(made)
    made.show()
    return made


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_the_button_copies_and_says_so_for_a_moment(button: CopyButton, qtbot: QtBot) -> None:
    width = button.sizeHint().width()
    button.click()
    assert clipboard() == URL
    assert button.text() == COPIED
    assert button.sizeHint().width() == width
    qtbot.waitUntil(lambda: button.text() == "Copy", timeout=2000)


def test_nothing_to_copy_disables_the_button(button: CopyButton) -> None:
    button.set_text_to_copy("")
    assert not button.isEnabled()


def test_a_compact_button_keeps_its_name_for_screen_readers(button: CopyButton) -> None:
    button.set_compact(True)
    assert button.text() == ""
    assert button.accessibleName() == "Copy public URL"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_url_copies_itself_by_key(hero: HeroUrl, qtbot: QtBot, key: Qt.Key) -> None:
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(hero, key)
    assert clipboard() == URL


def test_the_url_says_copied_in_its_own_place_and_comes_back(hero: HeroUrl, qtbot: QtBot) -> None:
    qtbot.mouseClick(hero, Qt.MouseButton.LeftButton)
    assert hero.shown_text() == COPIED
    assert hero.sizeHint().width() > hero.fontMetrics().horizontalAdvance(URL)
    qtbot.waitUntil(lambda: hero.shown_text() == URL, timeout=2000)


def test_another_url_ends_the_confirmation(hero: HeroUrl, qtbot: QtBot) -> None:
    qtbot.mouseClick(hero, Qt.MouseButton.LeftButton)
    hero.set_url("https://docs.example.test/")
    assert hero.shown_text() == "https://docs.example.test/"


def test_without_a_url_the_placeholder_cannot_be_copied(hero: HeroUrl, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("kept")
    hero.set_url("", "Paused")
    qtbot.mouseClick(hero, Qt.MouseButton.LeftButton)
    assert clipboard() == "kept"
    assert hero.accessibleName() == "Paused"
