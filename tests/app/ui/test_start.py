"""The whole start and end of the window, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

WINDOW = """
    from contextlib import asynccontextmanager
    import sys
    from PySide6.QtCore import QTimer
    from app.domain.problems import fail
    from app.ui.start import run_window
    from tests.app.fake_workspace import FakeWorkspace

    @asynccontextmanager
    async def open_workspace():
        {before}
        yield FakeWorkspace()
        print("workspace closed", flush=True)

    sys.exit(run_window(open_workspace))
"""


def start(before: str = "pass") -> subprocess.Popen[str]:
    program = textwrap.dedent(WINDOW).format(before=before)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.gui
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_closes_the_workspace_and_ends_the_process(number: signal.Signals) -> None:
    script = "import asyncio; asyncio.get_running_loop().call_later(0.5, lambda: print('up', flush=True))"
    with start(script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
    assert (process.returncode, out) == (0, "workspace closed\n"), err
    assert "Traceback" not in err


FAULT = """
    import sys
    from PySide6.QtCore import QTimer
    from app.engine.paths import user_paths
    from app.engine.workspace import open_workspace
    from app.ui.start import run_window

    def fail():
        QTimer.singleShot(0, lambda: print("failed", flush=True))
        raise ZeroDivisionError("of the test")

    QTimer.singleShot(0, lambda: QTimer.singleShot(0, when_open))

    def when_open():
        from app.ui import crash
        QTimer.singleShot(20, when_open if crash._bridge is None else fail)

    sys.exit(run_window(lambda: open_workspace(user_paths(), remember=True)))
"""


@pytest.mark.gui
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_log_has_the_details_of_an_error_in_the_window(hatchway_home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FAULT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "failed\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "ZeroDivisionError" not in err
    log = (hatchway_home / "state" / "hatchway.log").read_text()
    assert f" INFO {process.pid} app.engine.workspace: hatchway starts version=" in log
    assert f" ERROR {process.pid} app.ui.crash: unexpected error where=main thread\n    Traceback" in log
    assert "\n    ZeroDivisionError: of the test\n" in log


@pytest.mark.gui
def test_a_workspace_that_cannot_open_is_explained_and_the_exit_code_is_one() -> None:
    script = (
        "from PySide6.QtWidgets import QApplication; QTimer.singleShot(500, lambda: "
        "[print(w.windowTitle(), flush=True) or w.close() for w in QApplication.topLevelWidgets() if w.isVisible()]); "
        "raise fail('busy', 'Port in use', 'you', 'Close the other one.')"
    )
    with start(script) as process:
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (1, "Hatchway did not start\n"), err


@pytest.mark.gui
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    "before",
    [
        "print('up', flush=True); import asyncio; await asyncio.sleep(60)",
        "QTimer.singleShot(300, lambda: print('up', flush=True)); raise fail('busy', 'Port in use', 'you')",
    ],
    ids=["hanging start", "failed start"],
)
def test_a_signal_also_ends_a_start_that_never_got_anywhere(before: str) -> None:
    with start(before) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=2)
    assert process.returncode == 0, err
    assert "Traceback" not in err
