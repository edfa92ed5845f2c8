"""The command itself: help, version, and what it says where no window can be."""

from __future__ import annotations

import pytest

from app import __version__
from tests.e2e_cli.processes import run


async def test_version() -> None:
    ended = await run("--version")
    assert (ended.process.returncode, ended.lines) == (0, [f"hatchway {__version__}"])


@pytest.mark.parametrize("arguments", [["--help"], ["http", "--help"]], ids=" ".join)
async def test_help(arguments: list[str]) -> None:
    ended = await run(*arguments)
    text = "\n".join(ended.lines)
    assert ended.process.returncode == 0
    assert text.startswith("usage: hatchway")
    assert "exit codes:" in text


async def test_without_a_display_it_says_what_to_do() -> None:
    ended = await run(DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
    assert ended.process.returncode == 1
    assert ended.lines == []
    assert "no display" in ended.errors
    assert "hatchway http" in ended.errors


async def test_an_unknown_command() -> None:
    ended = await run("htpp")
    assert ended.process.returncode == 2
    assert "usage: hatchway" in ended.errors
