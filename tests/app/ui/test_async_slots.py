from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.domain.problems import Problem, fail
from app.ui import async_slots, crash


async def test_the_button_rests_while_the_work_runs(qtbot: QtBot, problems: list[Problem]) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    go_on = asyncio.Event()
    task = async_slots.start(go_on.wait(), name="work", show_problem=problems.append, resting=button)
    await asyncio.sleep(0)
    assert not button.isEnabled()
    go_on.set()
    await task
    assert button.isEnabled()
    assert problems == []


async def test_a_button_that_rests_already_is_not_woken(qtbot: QtBot, problems: list[Problem]) -> None:
    button = QPushButton(enabled=False)
    qtbot.addWidget(button)
    await async_slots.start(asyncio.sleep(0), name="work", show_problem=problems.append, resting=button)
    assert not button.isEnabled()


async def test_a_known_problem_is_shown(problems: list[Problem]) -> None:
    async def refuse() -> None:
        raise fail("name_taken", "Taken", "you")

    await async_slots.start(refuse(), name="work", show_problem=problems.append)
    assert [problem.code for problem in problems] == ["name_taken"]


async def test_anything_else_is_reported_as_a_bug(problems: list[Problem], monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[tuple[str, str]] = []
    monkeypatch.setattr(crash, "report", lambda error, where: reported.append((str(error), where)))

    async def break_down() -> None:
        raise ValueError("broken")

    await async_slots.start(break_down(), name="work", show_problem=problems.append)
    assert reported == [("broken", "work")]
    assert problems == []
