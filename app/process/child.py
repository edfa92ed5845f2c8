"""Helper processes of ours: started with a lifeline, ready when they say so, gone when we are gone.

The lifeline is the child's stdin: a pipe whose other end only we hold. The system closes it however we end, even by
SIGKILL, and the child leaves on end of file (`watch_parent`). Children must ignore SIGINT: Ctrl+C in a terminal reaches
the whole foreground group, but it is the parent that ends them, after it has said goodbye to the relay.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from app.domain.problems import HatchwayError, fail

_log = logging.getLogger(__name__)
_SOURCE_ROOT = Path(__file__).resolve().parents[2]
_GRACE_SECONDS = 0.5  # after the lifeline was cut, until SIGTERM
_TERMINATE_SECONDS = 3.0  # after SIGTERM, until SIGKILL
_KEPT_LINES = 20
_MAX_LINE = 64 * 1024  # bytes of one line of the child's output


class ChildProcess:
    """One helper process. Uses threads for its pipes, so that it works the same on asyncio, uvloop and qasync.

    One object is one run: start once, stop as often as you like.
    """

    def __init__(self, argv: Sequence[str], *, name: str, env: Mapping[str, str] | None = None) -> None:
        """name: for logs and errors; env: variables on top of ours."""
        self.name = name
        self._argv = list(argv)
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._abandoned = False
        self._lock = threading.Lock()
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: asyncio.Future[dict[str, Any]] | None = None
        self._exited: asyncio.Future[int | None] | None = None

    @classmethod
    def of_module(cls, module: str, *arguments: str, name: str, env: Mapping[str, str] | None = None) -> ChildProcess:
        """A child that runs a module of ours with this interpreter, wherever we were started from.

        env: variables on top of ours; secrets belong there, since everybody can read command lines
        """
        # -P: `-m` would put the current folder first, and many projects have an `app` package of their own there.
        paths = [str(_SOURCE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        python_path = {"PYTHONPATH": os.pathsep.join(paths)}
        return cls([sys.executable, "-P", "-m", module, *arguments], name=name, env={**python_path, **(env or {})})

    @property
    def pid(self) -> int | None:
        """Process id, None before the start."""
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> bool:
        """Started and not known to have ended."""
        return self._process is not None and self._exited is not None and not self._exited.done()

    async def start(self, timeout: float = 10.0) -> dict[str, Any]:
        """Start the process and return its readiness message: the JSON object on the first line of its stdout.

        Raises HatchwayError (`child_failed`, with the end of its stderr) if it cannot start, ends before it is
        ready, says something else, or says nothing for `timeout` seconds. It is not left running then.
        """
        if self._loop is not None:
            raise RuntimeError(f"{self.name} was started already")
        self._loop = asyncio.get_running_loop()
        self._ready = self._loop.create_future()
        self._exited = self._loop.create_future()
        threading.Thread(target=self._run, name=f"child-{self.name}", daemon=True).start()
        try:
            async with asyncio.timeout(timeout):
                return await self._ready
        except TimeoutError:
            await self.stop()
            raise self._failed(f"did not get ready within {timeout:g} s") from None
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Wait for the end of the process; its exit status, negative for a signal (as in `subprocess`)."""
        if self._exited is None:
            raise RuntimeError(f"{self.name} was not started")
        status = await asyncio.shield(self._exited)
        if status is None:
            raise self._failed("could not be started")
        return status

    async def stop(self) -> None:
        """Cut the lifeline, after 0.5 s terminate, after 3 s more kill; returns when the process is gone."""
        if self._exited is None:
            return
        with self._lock:
            self._abandoned = True
            process = self._process
        if process is None:
            await asyncio.wait([self._exited])  # the thread ends at once what it is just starting
            return
        _close(process.stdin)
        if await self._gone_within(_GRACE_SECONDS):
            return
        _log.info("child does not leave, terminating name=%s pid=%d", self.name, process.pid)
        process.terminate()
        if await self._gone_within(_TERMINATE_SECONDS):
            return
        _log.warning("child does not terminate, killing name=%s pid=%d", self.name, process.pid)
        process.kill()
        await asyncio.wait([self._exited])

    async def _gone_within(self, seconds: float) -> bool:
        assert self._exited is not None
        await asyncio.wait([self._exited], timeout=seconds)
        return self._exited.done()

    def _run(self) -> None:
        """The thread of this child: start it, read what it says, wait for its end."""
        try:
            process = self._open()
        except OSError as error:
            self._hand_over(self._ready, self._failed(f"could not be started ({error.strerror or error})"))
            self._hand_over(self._exited, None)
            return
        readers = [
            threading.Thread(target=target, args=(stream,), name=f"child-{self.name}-{kind}", daemon=True)
            for kind, target, stream in (
                ("stdout", self._read_output, process.stdout),
                ("stderr", self._forward_errors, process.stderr),
            )
        ]
        for reader in readers:
            reader.start()
        status = process.wait()
        for reader in readers:
            reader.join(1.0)  # so that an error shows the last words; a grandchild may hold the pipes for longer
        _close(process.stdin)
        self._hand_over(self._ready, self._failed(f"ended with status {status} before it was ready"))
        self._hand_over(self._exited, status)

    def _open(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._env,
            close_fds=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        with self._lock:
            self._process = process
            if self._abandoned:
                process.kill()
        return process

    def _read_output(self, stream: IO[bytes]) -> None:
        with stream:
            line = stream.readline(_MAX_LINE)
            message = _parse(line)
            if message is not None:
                self._hand_over(self._ready, message)
            elif line:
                said = line[:80].decode("utf-8", "replace").strip()
                self._hand_over(self._ready, self._failed(f"said “{said}” instead of being ready"))
            while stream.read(_MAX_LINE):
                pass  # nothing more is agreed on, but a full pipe would block the child

    def _forward_errors(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(_MAX_LINE):
                if text := line.decode("utf-8", "replace").rstrip():
                    self._errors.append(text)
                    _log.info("child says name=%s: %s", self.name, text)

    def _hand_over(self, future: asyncio.Future[Any] | None, value: object) -> None:
        assert self._loop is not None
        assert future is not None
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(_settle, future, value)

    def _failed(self, what: str) -> HatchwayError:
        # Of a traceback only the last line says what happened.
        last = next((line.strip() for line in reversed(self._errors) if line.strip()), "")[-600:]
        hint = f"It said: {last}" if last else "It said nothing about the reason; the log (hatchway.log) may know more."
        return fail("child_failed", f"The helper process “{self.name}” {what}", "Hatchway", hint)


def watch_parent(on_gone: Callable[[], None]) -> threading.Thread:
    """For the child: call back (in a thread of its own) when stdin ends, that is when the parent let go or died."""
    thread = threading.Thread(target=_watch, args=(on_gone,), name="watch-parent", daemon=True)
    thread.start()
    return thread


def _watch(on_gone: Callable[[], None]) -> None:
    # Not sys.stdin: its lock, held by a daemon thread, aborts the interpreter at exit.
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    on_gone()


def _settle(future: asyncio.Future[Any], value: object) -> None:
    if future.done():
        return
    if isinstance(value, BaseException):
        future.set_exception(value)
        future.exception()  # the starter may have given up already
    else:
        future.set_result(value)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()
