"""The embedded relay of this user: found if one runs, started if none does, so that all tunnels share one port.

The process that started the relay owns it and takes it along when it ends; the others then find none and start
one on the same port, so URLs stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.domain.problems import HatchwayError, Problem, fail
from app.process.child import ChildProcess

# Names of the child's interface; app.relay.__main__ reads them. Not imported: the relay pulls in uvicorn.
_TOKEN_VARIABLE = "HATCHWAY_CHILD_RELAY_TOKEN"
_AGENT_PATH = "/__hw/agent"
_HEALTH_PATH = "/__hw/health"

_HEALTH_SECONDS = 1.0
_OTHERS_START_SECONDS = 3.0


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


class RelayLauncher:
    """Finds or starts the relay; `notify` hears what the user should know."""

    def __init__(self, relay_file: Path, port: int, notify: Callable[[Problem], None]) -> None:
        self._file = relay_file
        self._port = port
        self._notify = notify
        self._child: ChildProcess | None = None
        self._own: RunningRelay | None = None
        self._lock = asyncio.Lock()

    async def running(self) -> RunningRelay:
        """The relay to use now. Raises HatchwayError if none can be had."""
        async with self._lock:
            if self._own is not None and self._child is not None and self._child.running:
                return self._own
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

    async def _find(self) -> RunningRelay | None:
        known = self._read()
        return known if known is not None and await _is_relay(known.port) else None

    async def _start(self) -> RunningRelay:
        try:
            return await self._launch(self._port)
        except HatchwayError as error:
            if error.problem.code != "port_in_use":
                raise
        # Either another Hatchway is just starting its relay there, or the port belongs to somebody else.
        deadline = asyncio.get_running_loop().time() + _OTHERS_START_SECONDS
        while await _is_relay(self._port) and asyncio.get_running_loop().time() < deadline:
            found = await self._find()
            if found is not None:
                return found
            await asyncio.sleep(0.1)
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


async def _is_relay(port: int) -> bool:
    """Whether a Hatchway relay answers there; anything else, or nothing, is no."""
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {_HEALTH_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read(4096)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return answer.startswith(b"HTTP/1.1 200") and b'"hatchway": "relay"' in answer
