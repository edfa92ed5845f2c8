"""Starts `bench.window_process` on a display: that of Xvfb if it is installed, else Qt's offscreen platform."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.processes import environment, stop


class Window:
    """A running window; `wait` for what it tells."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def wait(self, event: str) -> dict[str, Any]:
        """The next message of that name; others are skipped. Raises RuntimeError if the window ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message: dict[str, Any] = json.loads(line)
            if message["event"] == event:
                return message
        raise RuntimeError(f"the window ended before “{event}”")


@contextlib.contextmanager
def window(directory: Path, *options: str, display: dict[str, str], **more: str) -> Iterator[tuple[Window, float]]:
    """(the window, time.time() of its start)."""
    begun = time.time()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.window_process", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(directory, **display, **more),
    )
    try:
        yield Window(process), begun
    finally:
        stop(process)


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """Environment variables that lead Qt to a screen of 1280 x 800."""
    binary = shutil.which("Xvfb")
    if binary is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [binary, "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
    finally:
        stop(server)
