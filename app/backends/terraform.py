"""Terraform as a process that outlives us: a run that has begun ends by itself, and its state is whole.

Its output goes into a file, which we follow. If Hatchway dies in the middle, nothing breaks Terraform's pipe: it does
what it was told to, writes its state, and the file has the rest of the story. It is in a group of its own, so that
Ctrl+C in the terminal reaches us only, and `stop` decides what that means.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from app.domain.deployment import ToolCheck
from app.domain.problems import fail

_log = logging.getLogger(__name__)
OLDEST: Final = (1, 9)
"""The module's own minimum (infra/terraform/versions.tf; a test holds them equal)."""

_PROGRAMS: Final = {"terraform": "Terraform", "tofu": "OpenTofu"}
# What a desktop's menu leaves out of the PATH.
_MORE_FOLDERS: Final = ("/usr/local/bin", "/opt/homebrew/bin", "/snap/bin", "~/.local/bin", "~/bin")
_KEPT_VARIABLES: Final = ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_REGISTRY_CLIENT_TIMEOUT")
# Windows knows Ctrl+Break for a group of processes of its own.
_INTERRUPT: Final = signal.Signals(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
_FOLLOW_SECONDS: Final = 0.1
_VERSION_SECONDS: Final = 30.0
_INSTALL: Final = (
    "Install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu "
    "(https://opentofu.org/docs/intro/install/), one program without an installer, then try again."
)


def find_terraform() -> ToolCheck:
    """The first of Terraform and OpenTofu that is new enough. Blocks for a moment.

    Raises HatchwayError `terraform_missing` or `terraform_old`.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), *(str(Path(each).expanduser()) for each in _MORE_FOLDERS)])
    too_old: list[str] = []
    for command, name in _PROGRAMS.items():
        program = shutil.which(command, path=path)
        version = _version(program) if program is not None else ""
        if program is None or not version:
            continue
        if _numbers(version) >= OLDEST:
            return ToolCheck(name, version, program)
        too_old.append(f"{name} {version}")
    oldest = ".".join(map(str, OLDEST))
    if too_old:
        raise fail("terraform_old", f"{too_old[0]} is too old, {oldest} is needed", "you", _INSTALL)
    raise fail("terraform_missing", "Terraform is not installed", "you", _INSTALL)


class TerraformRun:
    """One command. argv: with the program; log: file that everything it says goes to"""

    def __init__(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self._argv = list(argv)
        self._folder = folder
        self._environment = dict(environment)
        self._output = log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stops = 0

    def run(self, take: Callable[[str], None], started: Callable[[int], None] = lambda _: None) -> int:
        """Run it to its end, for a thread. take: gets each line; started: gets the process id. Returns its exit code.

        Raises OSError if it cannot be started.
        """
        with open(self._output, "wb", opener=_private) as output, self._lock:
            if self._stops:
                return 1
            self._process = process = self._open(output)
        started(process.pid)
        with open(self._output, encoding="utf-8", errors="replace", newline="\n") as reader:
            rest = ""
            ended = False
            while not ended:
                # Asked before reading: what it wrote before its end is read then.
                ended = process.poll() is not None
                *lines, rest = (rest + reader.read()).split("\n")
                for line in lines:
                    take(line)
                if not ended:
                    _wait(process, _FOLLOW_SECONDS)
            if rest:
                take(rest)
        return process.returncode

    def stop(self) -> None:
        """Once: it finishes what AWS is doing, and writes its state. Twice: it ends at once, whatever is lost."""
        with self._lock:
            self._stops += 1
            process = self._process
        if process is None or process.poll() is not None:
            return
        _log.info("stopping terraform pid=%d time=%d", process.pid, self._stops)
        # Only to Terraform: its providers are its own to end.
        process.send_signal(_INTERRUPT)

    @property
    def stopped(self) -> bool:
        """Whether it was told to."""
        return self._stops > 0

    def _open(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return subprocess.Popen(
            self._argv,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=flags,
        )


def environment(credentials: str, region: str, data_folder: Path) -> dict[str, str]:
    """Of the process: ours without what would change what it does. data_folder: where providers go"""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("TF_") or name in _KEPT_VARIABLES
    }
    if credentials:
        # Keys in the environment would win over the profile, in Terraform though not in boto3.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_PROFILE"):
            inherited.pop(name, None)
        inherited["AWS_PROFILE"] = credentials
    return inherited | {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_DATA_DIR": str(data_folder),
        "CHECKPOINT_DISABLE": "1",
        "AWS_REGION": region,
        "AWS_SDK_LOAD_CONFIG": "1",
    }


def _version(program: str) -> str:
    """ "" for a program that does not work."""
    try:
        done = subprocess.run(
            [program, "version", "-json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_SECONDS,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        found = json.loads(done.stdout).get("terraform_version")
    except (OSError, subprocess.TimeoutExpired, ValueError, AttributeError) as error:
        _log.info("no working terraform program=%s error=%s", program, type(error).__name__)
        return ""
    return found if isinstance(found, str) else ""


def _numbers(version: str) -> tuple[int, ...]:
    """Of `1.11.4` or `1.12.0-beta1`."""
    plain = version.partition("-")[0]
    return tuple(int(part) for part in plain.split(".") if part.isdecimal())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
