"""Which tunnels run on this computer, in whatever process: a lock a name, and beside it what the tunnel is.

The lock is the system's, so it is gone with its process however that ends; the name is never stuck.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from app.domain.problems import fail
from app.domain.tunnel import TunnelStatus
from app.engine.paths import Paths


@dataclass(frozen=True, slots=True)
class RunningTunnel:
    """pid: of the process that runs it; urls: empty until it was online once; mode: how it is rewritten"""

    name: str
    pid: int
    upstream: str
    state: str
    path_url: str = ""
    host_url: str | None = None
    mode: str = "auto"


class NameLock:
    """Holds one tunnel name for this process."""

    def __init__(self, paths: Paths, name: str) -> None:
        """Raises HatchwayError `name_in_use`, `home_unusable`."""
        self._name = name
        lock_file = paths.lock_file(name)
        self._facts = _facts_file(lock_file)
        self._lock = FileLock(lock_file, timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            facts = _read(self._facts)
            who = f" by process {facts.pid}" if facts is not None else ""
            raise fail(
                "name_in_use",
                f"The tunnel “{name}” is already run{who} on this computer",
                "you",
                "Choose another name, or stop it there first.",
            ) from None
        except OSError as error:
            raise fail(
                "home_unusable",
                f"The name cannot be locked ({error.strerror or error})",
                "you",
                f"Check the permissions of {lock_file}.",
            ) from error

    def describe(self, status: TunnelStatus) -> None:
        """Let other processes see what this tunnel is."""
        urls = status.urls
        facts = {
            "name": self._name,
            "pid": os.getpid(),
            "upstream": status.spec.upstream.origin,
            "state": status.state.value,
            "path_url": urls.path if urls is not None else "",
            "host_url": urls.host if urls is not None else None,
            "mode": status.spec.mode,
        }
        draft = self._facts.with_suffix(f".{os.getpid()}")
        try:
            draft.write_text(json.dumps(facts), encoding="utf-8")
            os.replace(draft, self._facts)
        except OSError:
            # The disk is full, say: only `hatchway list` of others misses it.
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the name back; fine to call twice."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                self._facts.unlink(missing_ok=True)
            self._lock.release()


def running_tunnels(paths: Paths) -> list[RunningTunnel]:
    """The tunnels of all processes of this user, by name."""
    found = []
    for facts_file in sorted(paths.state.glob("tunnel-*.json")):
        facts = _read(facts_file)
        # A dead process leaves its facts behind. The lock is not even tried then: for that moment the name would
        # be refused to a process that starts.
        if facts is None or not psutil.pid_exists(facts.pid):
            continue
        probe = FileLock(facts_file.with_suffix(".lock"), timeout=0)
        try:
            with probe:
                facts_file.unlink(missing_ok=True)  # its process is gone
        except Timeout:
            found.append(facts)
    return found


def _facts_file(lock_file: Path) -> Path:
    return lock_file.with_suffix(".json")


def _read(path: Path) -> RunningTunnel | None:
    try:
        return RunningTunnel(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
