from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from app.domain.problems import Problem, fail
from app.ui import crash


@pytest.fixture
def shown(problems: list[Problem]) -> Iterator[list[Problem]]:
    hooks = sys.excepthook, threading.excepthook
    crash.install(problems.append, Path("state/hatchway.log"))
    yield problems
    crash.uninstall()
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.expect_log("unexpected error where=main thread")
def test_an_uncaught_error_is_logged_and_shown(shown: list[Problem]) -> None:
    sys.excepthook(ValueError, ValueError("broken"), None)
    assert [(problem.title, problem.side) for problem in shown] == [("ValueError: broken", "Hatchway")]
    assert shown[0].hint == f"This is a bug; the log has the details: {Path('state/hatchway.log')}"


@pytest.mark.expect_log("unexpected error where=worker")
def test_an_error_of_a_thread_reaches_the_window(shown: list[Problem], qtbot: QtBot) -> None:
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=1000)
    assert shown[0].title.startswith("ZeroDivisionError")


@pytest.mark.expect_log("unexpected error where=Task")
async def test_an_error_the_loop_reports_is_shown(shown: list[Problem]) -> None:
    loop = asyncio.get_running_loop()
    crash.on_loop_error(loop, {"message": "Task exception was never retrieved", "exception": ValueError("lost")})
    assert [problem.title for problem in shown] == ["ValueError: lost"]


@pytest.mark.expect_log("event loop: odd")
async def test_a_message_without_error_is_only_logged(shown: list[Problem]) -> None:
    crash.on_loop_error(asyncio.get_running_loop(), {"message": "odd"})
    assert shown == []


@pytest.mark.expect_log("unexpected error")
def test_a_known_problem_keeps_its_words(shown: list[Problem]) -> None:
    crash.report(fail("full", "Disk full", "you"), "saving")
    assert [problem.code for problem in shown] == ["full"]


def test_ctrl_c_is_no_crash(shown: list[Problem], capsys: pytest.CaptureFixture[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert shown == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


@pytest.mark.expect_log("careful")
def test_messages_of_qt_go_to_the_log(shown: list[Problem]) -> None:
    qWarning("careful")
    assert shown == []
