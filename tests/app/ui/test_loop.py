from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.domain.tasks import spawn
from app.ui import loop


def test_main_runs_inside_qt_and_its_result_is_the_exit_code(qapp: QApplication) -> None:
    async def main(_shutdown: asyncio.Event) -> int:
        await asyncio.sleep(0.01)
        return 7

    assert loop.run(main) == 7


def test_blocking_work_runs_in_our_own_threads(qapp: QApplication) -> None:
    names: list[str] = []

    async def main(_shutdown: asyncio.Event) -> int:
        names.append(await asyncio.to_thread(lambda: threading.current_thread().name))
        return 0

    loop.run(main)
    assert names[0].startswith("app-io")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_wakes_and_ends_an_idle_app(qapp: QApplication, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    happened: list[str] = []

    async def main(shutdown: asyncio.Event) -> int:
        threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
        woken = asyncio.get_running_loop().call_later(20, happened.append, "woken by something else")
        try:
            await shutdown.wait()
            happened.append("told")
        finally:
            woken.cancel()
            happened.append("cleaned up")
        return 0

    assert loop.run(main) == 0
    assert happened == ["told", "cleaned up"]
    assert signal.getsignal(number) is before


def test_tasks_left_behind_are_cancelled_and_may_clean_up(qapp: QApplication) -> None:
    cleaned: list[str] = []

    async def background() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    async def main(_shutdown: asyncio.Event) -> int:
        spawn(background(), name="background")
        await asyncio.sleep(0.01)
        return 0

    loop.run(main)
    assert cleaned == ["up"]


def test_the_loop_is_still_the_running_one_while_last_events_are_processed(qapp: QApplication) -> None:
    """What Python 3.14 insists on, and qasync 0.28 breaks (qasync#176)."""
    seen: list[asyncio.AbstractEventLoop | None] = []
    made = loop.PatchedQEventLoop(qapp)

    def look() -> None:
        seen.append(asyncio._get_running_loop())

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.add_done_callback(lambda _task: made.call_soon(look))  # runs after the loop was told to stop

    made.run_until_complete(main())
    made.close()
    assert seen == [made]
    assert asyncio._get_running_loop() is None


def test_a_closed_loop_leaves_nothing_of_qt_to_the_garbage_collector(qapp: QApplication) -> None:
    """Which may run in any thread; there Qt says so, or crashes."""
    made = loop.PatchedQEventLoop(qapp)
    made.call_later(60, print)
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    del made
    collector = threading.Thread(target=gc.collect)
    collector.start()
    collector.join()


def test_a_dialog_is_awaited_while_other_tasks_go_on(qapp: QApplication) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        for number in range(100):
            ticks.append(number)
            await asyncio.sleep(0.001)

    async def main(_shutdown: asyncio.Event) -> int:
        spawn(tick(), name="tick")
        dialog = QDialog()
        asyncio.get_running_loop().call_later(0.05, dialog.accept)
        return await loop.ask(dialog)

    assert loop.run(main) == QDialog.DialogCode.Accepted
    assert len(ticks) > 5


async def test_a_cancelled_question_closes_its_dialog(qtbot: QtBot) -> None:
    dialog = QDialog()
    asked = asyncio.ensure_future(loop.ask(dialog))
    await asyncio.sleep(0)
    assert dialog.isVisible()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not dialog.isVisible()
