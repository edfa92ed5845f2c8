"""Apps as processes of their own, on a free port, ended with the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Server:
    """A running app. log: all it has printed."""

    port: int
    log: Path

    @property
    def base(self) -> str:
        """Its own address, the way the agent reaches it."""
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextlib.asynccontextmanager
async def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    port: int | None = None,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 20,
) -> AsyncIterator[Server]:
    """Run the command, `{port}` in it being the port, until the block ends; it must listen within so many seconds."""
    port = port or free_port()
    arguments = [str(part).replace("{port}", str(port)) for part in command]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=directory,
            env={**os.environ, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(seconds):
            while not await _listens(port):
                if process.returncode is not None:
                    raise AssertionError(f"{arguments[0]} ended:\n{_end_of(log)}")
                await asyncio.sleep(0.05)
        yield Server(port, log)
    except TimeoutError:
        raise AssertionError(f"{arguments} did not listen on {port}:\n{_end_of(log)}") from None
    finally:
        await _end(process)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process, then force it and what it started."""
    if process.returncode is not None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 3)
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
    if process.returncode is None:
        process.kill()
        await process.wait()


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]
