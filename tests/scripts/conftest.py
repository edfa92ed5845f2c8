"""Scripts run on a made-up machine: a folder of fake commands before the real ones on the PATH."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

_scripts = Path(__file__).resolve().parents[2] / "scripts"


class Machine:
    """A folder of fake commands; `calls` is what was asked of those made with `records`."""

    def __init__(self, directory: Path) -> None:
        self._commands = directory / "bin"
        self._commands.mkdir()
        self._log = directory / "calls"
        self._log.touch()
        self._environment = {"PATH": f"{self._commands}:{os.environ['PATH']}", "HOME": str(directory)}

    def fake(self, name: str, script: str) -> Path:
        command = self._commands / name
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
        return command

    def records(self, name: str, script: str = "") -> Path:
        return self.fake(name, f'echo "{name} $*" >> "{self._log}"\n{script}')

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_scripts / script, *arguments],
            env=self._environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
