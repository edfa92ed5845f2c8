"""Node, which comes with the development requirements: its parser says what is right, its engine runs the result."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.node import node

_PARSER = Path(__file__).with_name("parse.js")

Parse = Callable[[list[str]], list[dict[str, Any] | None]]
RunNode = Callable[..., str]


def _run(*arguments: str, given: str = "") -> str:
    done = subprocess.run([node(), *arguments], input=given, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def run_node() -> RunNode:
    """Run node with these arguments and standard input; its output."""
    return _run


@pytest.fixture(scope="session")
def parse() -> Parse:
    """Parse scripts with acorn: `literals` as [kind, start, end], `specifiers` as [start, end], `is_module`, `signs`
    (whether import, export or import.meta show it); None for what is no JavaScript."""
    return lambda scripts: json.loads(_run("--expose-internals", str(_PARSER), given=json.dumps(scripts)))
