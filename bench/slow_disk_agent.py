"""`python -m bench.slow_disk_agent SECONDS …`: the command `hatchway …` on a disk that takes so long for each commit.
The pause is where a disk's would be: in the history's thread, with the write lock held and the interpreter free.
SIGUSR1 makes the disk quick again."""

from __future__ import annotations

import functools
import signal
import sqlite3
import sys
import threading
import time
from typing import Any

from app.__main__ import main


class SlowConnection(sqlite3.Connection):
    """Commits of what was recorded take `pause` seconds longer; opening the file does not."""

    pause = 0.0

    def execute(self, sql: str, /, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and threading.current_thread().name == "history-writer":
            time.sleep(self.pause)
        return super().execute(sql, *values)


if __name__ == "__main__":
    SlowConnection.pause = float(sys.argv.pop(1))
    signal.signal(signal.SIGUSR1, lambda *_: setattr(SlowConnection, "pause", 0.0))
    sqlite3.connect = functools.partial(sqlite3.connect, factory=SlowConnection)  # type: ignore[assignment]
    sys.exit(main())
