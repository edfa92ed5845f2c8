"""Processes of a test: the command `hatchway` with what it says, and the service behind it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import psutil

from app.domain.tasks import spawn

COMMAND = Path(sys.executable).with_name("hatchway")
SERVICE = Path(__file__).with_name("service.py")

JsonEvent = dict[str, Any]


def free_port() -> int:
    """A port that is free together with the one above it, and that no outgoing connection takes meanwhile."""
    while True:
        port = random.randrange(10_000, 32_000, 2)
        try:
            for number in (port, port + 1):
                socket.create_server(("127.0.0.1", number)).close()
        except OSError:
            continue
        return port


def prepare_home(home: Path, port: int) -> Path:
    """A HATCHWAY_HOME whose relay listens on that port."""
    settings = home / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"relay_port = {port}\n")
    return home


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.01)


class Hatchway:
    """One run of the command. Every line of stdout is kept; with --json each must be an object."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors = ""
        self._returned: set[int] = set()
        self._news = asyncio.Event()
        self._readers = [
            spawn(self._read_output(), name="stdout of hatchway"),
            spawn(self._read_errors(), name="stderr of hatchway"),
        ]

    @classmethod
    async def start(cls, *arguments: str, **environment: str | None) -> Self:
        """Variables on top of the test's; None takes one away."""
        env = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
        process = await asyncio.create_subprocess_exec(
            COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=env
        )
        return cls(process)

    @property
    def events(self) -> list[JsonEvent]:
        return [json.loads(line) for line in self.lines]

    async def event(self, kind: str, seconds: float = 20, **fields: object) -> JsonEvent:
        """The next event of that kind with these fields which was not returned yet."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._news.clear()
                    for number, event in enumerate(self.events):
                        right = event["event"] == kind and all(event[name] == value for name, value in fields.items())
                        if right and number not in self._returned:
                            self._returned.add(number)
                            return event
                    assert not self._ended(), f"hatchway ended: {self.lines} {self.errors}"
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} {fields} in {self.lines}; stderr: {self.errors}") from None

    async def line(self, part: str, seconds: float = 20) -> str:
        """The first line of stdout with that text in it."""
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                for line in self.lines:
                    if part in line:
                        return line
                assert not self._ended(), f"hatchway ended: {self.lines} {self.errors}"
                await self._news.wait()

    def helpers(self) -> list[psutil.Process]:
        """The processes it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    async def finished(self, seconds: float = 20) -> int:
        """Its exit code, when everything it said is read."""
        async with asyncio.timeout(seconds):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        return code

    async def end(self, number: int = signal.SIGINT, seconds: float = 20) -> tuple[int, float]:
        """Send the signal; its exit code, and how many seconds it took until it and its helpers were gone."""
        helpers = self.helpers()
        began = time.monotonic()
        self.process.send_signal(number)
        code = await self.finished(seconds)
        await eventually(lambda: not any(map(_alive, helpers)), seconds)
        return code, time.monotonic() - began

    async def aclose(self) -> None:
        """Whatever became of it, nothing of it stays."""
        helpers = [] if self._ended() else self.helpers()
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        for helper in filter(_alive, helpers):
            helper.kill()
        await asyncio.gather(*self._readers)

    def _ended(self) -> bool:
        return all(reader.done() for reader in self._readers)

    async def _read_output(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.lines.append(line.decode().rstrip("\n"))
            self._news.set()
        self._news.set()

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while piece := await self.process.stderr.read(4096):
            self.errors += piece.decode()
        self._news.set()


class Service:
    """The FastAPI service; the same port and another greeting make it a changed one."""

    def __init__(self, port: int = 0, greeting: str = "hello") -> None:
        self._process = subprocess.Popen([sys.executable, SERVICE, str(port), greeting], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


async def run(*arguments: str, **environment: str | None) -> Hatchway:
    """Run the command to its end."""
    hatchway = await Hatchway.start(*arguments, **environment)
    try:
        await hatchway.finished()
    finally:
        await hatchway.aclose()
    return hatchway


async def a_second() -> float:
    """A second; on a machine that is busy now, as much more as everything takes longer there."""
    began = time.monotonic()
    await run("--version")  # a quarter of a second where nothing else runs
    return max(1.0, 4 * (time.monotonic() - began))


async def call(*command: str | Path, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Exit code and stdout of another program."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=env)
    async with asyncio.timeout(10):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
