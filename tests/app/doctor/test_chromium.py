from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.doctor.chromium import VARIABLE, find_chromium, no_browser
from app.domain.problems import HatchwayError

_root = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the made-up browsers are shell scripts")


def a_browser(path: Path, script: str = "echo Chromium 156") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def find(tmp_path: Path, system: str = "linux", **environment: str) -> str:
    return find_chromium({"PATH": str(tmp_path / "bin"), **environment}, system, tmp_path)


def test_the_first_command_that_starts_is_taken(tmp_path: Path) -> None:
    a_browser(tmp_path / "bin" / "chromium", "echo 'requires the chromium snap to be installed' >&2; exit 10")
    chrome = a_browser(tmp_path / "bin" / "google-chrome")
    a_browser(tmp_path / "bin" / "microsoft-edge")
    assert find(tmp_path) == chrome


def test_the_named_one_is_the_only_candidate(tmp_path: Path) -> None:
    a_browser(tmp_path / "bin" / "chromium")
    mine = a_browser(tmp_path / "my browser")
    assert find(tmp_path, **{VARIABLE: mine}) == mine
    with pytest.raises(HatchwayError) as caught:
        find(tmp_path, **{VARIABLE: "/nowhere/chrome"})
    assert caught.value.problem.code == "no_browser"
    assert "/nowhere/chrome" in caught.value.problem.title


def test_an_empty_name_names_nothing(tmp_path: Path) -> None:
    chromium = a_browser(tmp_path / "bin" / "chromium")
    assert find(tmp_path, **{VARIABLE: ""}) == chromium


def test_a_snap_is_passed_over(tmp_path: Path) -> None:
    a_browser(tmp_path / "snap")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "chromium").symlink_to(tmp_path / "snap")
    with pytest.raises(HatchwayError):
        find(tmp_path)
    chrome = a_browser(tmp_path / "bin" / "google-chrome")
    assert find(tmp_path) == chrome


@pytest.mark.parametrize(
    ("system", "path"),
    [
        ("linux", ".cache/ms-playwright/chromium-1200/chrome-linux64/chrome"),
        ("darwin", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("darwin", "Library/Caches/ms-playwright/chromium-1200/chrome-mac/Chromium.app/Contents/MacOS/Chromium"),
    ],
)
def test_places_besides_the_commands(tmp_path: Path, system: str, path: str) -> None:
    browser = a_browser(tmp_path / path)
    assert find(tmp_path, system) == browser


def test_the_newest_download_is_taken(tmp_path: Path) -> None:
    for number in (1100, 1200):
        newest = a_browser(tmp_path / ".cache" / "ms-playwright" / f"chromium-{number}" / "chrome-linux" / "chrome")
    assert find(tmp_path) == newest


@pytest.mark.parametrize(
    ("system", "word"), [("linux", "apt-get"), ("darwin", "Chrome"), ("win32", "Edge"), ("freebsd14", "Chromium")]
)
def test_where_there_is_none_the_error_says_how_to_get_one(system: str, word: str) -> None:
    problem = no_browser(system).problem
    assert problem.code == "no_browser"
    assert word in problem.hint
    assert VARIABLE in problem.hint


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(HatchwayError) as caught:
        find(tmp_path)
    assert caught.value.problem.hint == no_browser("linux").problem.hint


def test_it_is_the_one_that_the_tests_use(chromium_path: str) -> None:
    assert find_chromium() == chromium_path


def test_the_script_that_looks_before_python_is_there_knows_the_same_variable(tmp_path: Path) -> None:
    mine = a_browser(tmp_path / "mine")
    found = subprocess.run(
        [_root / "scripts" / "find-chromium"], env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", VARIABLE: mine},
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert found.stdout.strip() == mine
