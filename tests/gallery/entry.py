"""What the gallery needs to know about an app: how to install it, how to start it, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.apps.visit import Script


@dataclass(frozen=True, slots=True)
class Place:
    """Where an app runs. environment: the folder its packages are installed in; folder: an empty one of this run."""

    environment: Path
    folder: Path

    @property
    def python(self) -> Path:
        return self.environment / "venv" / "bin" / "python"

    def program(self, name: str) -> Path:
        """A command that a Python package brought."""
        return self.environment / "venv" / "bin" / name

    def module(self, path: str) -> Path:
        """A file of an npm package."""
        return self.environment / "node_modules" / path


@dataclass(frozen=True, slots=True)
class Entry:
    """An app of the gallery.

    python, npm: the packages, each with its version. files: text of what the app consists of, by path. command: how it
    is started in its folder; `{port}` in it is the port. before: commands that have to end well first. seconds: how
    long it may take until it listens. wait: how long the script waits for anything on the page.
    """

    name: str
    script: Script
    command: Callable[[Place], Sequence[str | Path]]
    python: Sequence[str] = ()
    npm: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Place], Sequence[Sequence[str | Path]]] = lambda place: ()
    variables: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60
    wait: float = 30
