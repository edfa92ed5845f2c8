"""A virtual screen with mouse, keyboard and clipboard, and the real window on it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest

PATIENCE = 20.0  # seconds

T = TypeVar("T")


class Screen:
    """An X server of its own; what a user does there."""

    def __init__(self, display: str) -> None:
        self.environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}

    def click(self, x: int, y: int) -> None:
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "15", text)

    def press(self, key: str) -> None:
        self._xdotool("key", key)

    def clipboard(self) -> str:
        found = subprocess.run(
            ["xclip", "-o", "-selection", "clipboard"], env=self.environment, capture_output=True, timeout=5, text=True
        )
        return found.stdout

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.environment, check=True, timeout=10)


class Window:
    """The running window and its guide."""

    def __init__(self, process: subprocess.Popen[str], screen: Screen) -> None:
        self.process = process
        self.screen = screen

    def place_of(self, text: str) -> tuple[int, int]:
        """Where it says `text`; waits until it does."""

        def look() -> tuple[int, int] | None:
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            print(json.dumps({"find": text}), file=self.process.stdin, flush=True)
            place = json.loads(self.process.stdout.readline())
            return None if place is None else (place[0], place[1])

        return wait_for(look, f"“{text}” in the window")

    def click(self, text: str) -> None:
        self.screen.click(*self.place_of(text))

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(5)


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """Poll until there is something."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.05)
    return found


@pytest.fixture
def screen() -> Iterator[Screen]:
    if any(shutil.which(tool) is None for tool in ("Xvfb", "xdotool", "xclip")):
        pytest.skip(
            "NO X SERVER: the real window was not driven; `make test` on Debian or Ubuntu installs what it takes"
        )
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(5)


@pytest.fixture
def open_window(screen: Screen, hatchway_home: Path) -> Iterator[Callable[[], Window]]:
    """Starts the window; its home and relay port stay the same over several starts."""
    port = free_port()
    settings = hatchway_home / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"version = 1\nrelay_port = {port}\n")
    running: list[subprocess.Popen[str]] = []

    def start() -> Window:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("guided_window.py"))],
            env={**screen.environment, "HATCHWAY_HOME": str(hatchway_home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == "ready"
        return Window(process, screen)

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(5)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


class Service(ThreadingHTTPServer):
    """A small service that can be broken and mended."""

    broken = False
    seen: list[str]

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Answer(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        status, body = (500, b"broken") if self.server.broken else (200, b"<title>Parcel desk</title>fine")
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service(("127.0.0.1", 0), _Answer)
    server.seen = []
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
