"""The embedded relay of this user: found if one runs, started if none does, so that all tunnels share one port.

The process that started the relay owns it and takes it along when it ends; the others then find none and start
one on the same port, so URLs stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.problems import HatchwayError, Problem, fail
from app.process.child import ChildProcess

# Names of the child's interface; app.relay.__main__ reads them. Not imported: the relay pulls in uvicorn.
_TOKEN_VARIABLE = "HATCHWAY_CHILD_RELAY_TOKEN"
_AGENT_PATH = "/__hw/agent"
_HEALTH_PATH = "/__hw/health"
_NONCE_HEADER = "Hatchway-Nonce"

_HEALTH_SECONDS = 2.0
_OTHERS_START_SECONDS = 20.0  # how long another process of this user may take to start the relay
_FREED_SECONDS = 3.0  # how long to try for a port that is taken although no other program answers there
_AGAIN_SECONDS = 0.2  # between tries
_MOST_ANSWER = 4096  # bytes


@dataclass(frozen=True, slots=True)
class RunningRelay:
    """url: base of its tunnels' path URLs; token: opens its agent endpoint"""

    url: str
    port: int
    token: str

    @property
    def agent_url(self) -> str:
        """The WebSocket URL agents connect to."""
        return f"ws{self.url.removeprefix('http')}{_AGENT_PATH}"


class _Listener(enum.Enum):
    """Who answers on a port: a relay that proved to know our token, some relay, another program, nobody."""

    OURS = enum.auto()
    RELAY = enum.auto()
    STRANGER = enum.auto()
    NOBODY = enum.auto()


class RelayLauncher:
    """Finds or starts the relay; `notify` hears what the user should know."""

    def __init__(self, relay_file: Path, port: int, notify: Callable[[Problem], None]) -> None:
        self._file = relay_file
        self._port = port
        self._notify = notify
        self._child: ChildProcess | None = None
        self._own: RunningRelay | None = None
        self._lock = asyncio.Lock()

    @property
    def port(self) -> int:
        """Where our own relay listens, or would."""
        return self._port if self._own is None else self._own.port

    async def running(self) -> RunningRelay:
        """The relay to use now. Raises HatchwayError if none can be had."""
        async with self._lock:
            if self._own is not None and self._child is not None and self._child.running:
                return self._own
            if (found := await self._find()) is not None:
                return found
            async with self._alone():
                found = await self._find()
                return found if found is not None else await self._start()

    async def stop(self) -> None:
        """End the relay if it is ours."""
        async with self._lock:
            child, self._child = self._child, None
            own, self._own = self._own, None
            if child is not None:
                if own is not None and self._read() == own:
                    with contextlib.suppress(FileNotFoundError):
                        self._file.unlink()
                await child.stop()

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One process of this user starts the relay; the others wait and then find it. Without this, several that
        lose their relay in the same moment each start one of their own, on different ports."""
        lock = FileLock(self._file.with_suffix(".lock"), timeout=0)
        deadline = asyncio.get_running_loop().time() + _OTHERS_START_SECONDS
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                # Whoever holds it for longer hangs; then two relays are better than none.
                if asyncio.get_running_loop().time() > deadline:
                    break
                await asyncio.sleep(0.05)
        try:
            yield
        finally:
            lock.release()

    async def _find(self) -> RunningRelay | None:
        known = self._read()
        if known is None or await _who_listens(known.port, known.token) is not _Listener.OURS:
            return None
        return known

    async def _start(self) -> RunningRelay:
        deadline = asyncio.get_running_loop().time() + _FREED_SECONDS
        while True:
            try:
                return await self._launch(self._port)
            except HatchwayError as error:
                if error.problem.code != "port_in_use":
                    raise
            # A relay there may be one that is just ending, and a port where nobody listens is just being freed;
            # anybody else stays.
            listener = await _who_listens(self._port)
            if listener is _Listener.STRANGER or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        relay = await self._launch(0)
        self._notify(
            Problem(
                "relay_port_in_use",
                f"Port {self._port} is used by another program, so the relay uses port {relay.port} this time",
                "you",
                "The URLs contain this port. Set relay_port in the settings to a free one to keep them stable.",
            )
        )
        return relay

    async def _launch(self, port: int) -> RunningRelay:
        token = secrets.token_urlsafe(32)
        child = ChildProcess.of_module(
            "app.relay", "--port", str(port), name="relay", env={_TOKEN_VARIABLE: token}
        )  # fmt: skip
        ready = await child.start()
        if "error" in ready:
            await child.stop()
            raise fail(ready["error"], ready["title"], "you", ready.get("hint", ""))
        relay = RunningRelay(ready["url"], ready["port"], token)
        self._child, self._own = child, relay
        await asyncio.to_thread(self._write, relay)
        return relay

    def _read(self) -> RunningRelay | None:
        try:
            fields = json.loads(self._file.read_text(encoding="utf-8"))
            return RunningRelay(str(fields["url"]), int(fields["port"]), str(fields["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, relay: RunningRelay) -> None:
        fields = {"url": relay.url, "port": relay.port, "token": relay.token}
        handle, draft = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(fields, file)
        os.replace(draft, self._file)


async def _who_listens(port: int, token: str = "") -> _Listener:
    """Ask whatever listens there. OURS only if it proves to know the token: a file may be older than the relay, and
    another user of this computer may have taken the port since. He would get the token and our secret as an owner
    of tunnels, so nothing that he could use is sent before the proof."""
    nonce = secrets.token_hex(16)
    question = (
        f"GET {_HEALTH_PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{_NONCE_HEADER}: {nonce}\r\n"
        "Connection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(question.encode())
                answer = await reader.readexactly(_MOST_ANSWER)
            except asyncio.IncompleteReadError as error:
                answer = error.partial
            finally:
                writer.close()
    except TimeoutError:
        return _Listener.STRANGER
    except OSError:
        return _Listener.NOBODY
    try:
        said = json.loads(answer.partition(b"\r\n\r\n")[2])
        relay, shown = said["hatchway"] == "relay", str(said.get("proof", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Listener.STRANGER
    if not relay:
        return _Listener.STRANGER
    # The same as app.relay.tokens.prove; and an empty token proves nothing.
    expected = hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()
    proved = bool(token) and hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode())
    return _Listener.OURS if proved else _Listener.RELAY
