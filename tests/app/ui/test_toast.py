from __future__ import annotations

import pytest
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.domain.problems import Problem
from app.ui.toast import ToastStack


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    QCursor.setPos(0, 0)  # a toast below the pointer waits
    made = QWidget()
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def toasts(owner: QWidget) -> ToastStack:
    return ToastStack(owner)


def test_a_toast_shows_inside_its_window_and_expires(toasts: ToastStack, owner: QWidget, qtbot: QtBot) -> None:
    toast = toasts.show_text("Saved", milliseconds=50)
    assert toasts.isVisible()
    assert owner.rect().contains(toasts.geometry())
    with qtbot.waitSignal(toast.expired):
        pass
    assert toasts.texts() == []
    assert not toasts.isVisible()


def test_two_toasts_are_both_readable(toasts: ToastStack, qtbot: QtBot) -> None:
    first, second = toasts.show_text("One"), toasts.show_text("Two")
    qtbot.waitUntil(lambda: not first.geometry().intersects(second.geometry()))
    assert first.height() >= first.minimumSizeHint().height()
    assert second.height() >= second.minimumSizeHint().height()


def test_its_action_ends_a_toast_without_expiring(toasts: ToastStack, qtbot: QtBot) -> None:
    done: list[str] = []
    toast = toasts.show_text("Removed")
    toast.add_action("Undo", lambda: done.append("undone"))
    toast.expired.connect(lambda: done.append("expired"))
    toast.findChild(QPushButton).click()
    assert done == ["undone"]
    assert toasts.texts() == []


def test_closing_a_toast_expires_it_at_once(toasts: ToastStack, qtbot: QtBot) -> None:
    toast = toasts.show_text("Removed")
    with qtbot.waitSignal(toast.expired):
        toast.findChild(QToolButton).click()


def test_at_most_three_stay_and_the_oldest_expires(toasts: ToastStack) -> None:
    expired: list[str] = []
    for number in range(4):
        text = f"toast {number}"
        toasts.show_text(text).expired.connect(lambda text=text: expired.append(text))
    assert toasts.texts() == ["toast 1", "toast 2", "toast 3"]
    assert expired == ["toast 0"]


def test_a_problem_says_what_whose_side_and_what_to_do_once(toasts: ToastStack) -> None:
    problem = Problem("refused", "Port 3000 refuses connections", "your service", "Start it.")
    toasts.show_problem(problem)
    toasts.show_problem(problem)
    assert toasts.texts() == ["Port 3000 refuses connections · your service\nStart it."]
