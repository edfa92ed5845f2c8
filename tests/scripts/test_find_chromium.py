"""scripts/find-chromium finds a browser that starts and passes over Ubuntu's stub."""

from __future__ import annotations

from tests.scripts.conftest import Machine

_names = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser")


def test_the_first_browser_that_starts_is_taken(machine: Machine) -> None:
    stub = "echo 'requires the chromium snap to be installed' >&2; exit 10"
    for name in _names:
        machine.fake(name, stub)
    chrome = machine.fake("google-chrome", "echo Google Chrome 156")
    assert machine.run("find-chromium").stdout == f"{chrome}\n"


def test_no_browser_is_a_failure(machine: Machine) -> None:
    for name in _names:
        machine.fake(name, "exit 10")
    done = machine.run("find-chromium")
    assert (done.returncode, done.stdout) == (1, "")


def test_the_named_browser_is_the_only_candidate(machine: Machine) -> None:
    machine.fake("chromium", "echo Chromium 156")
    assert machine.run("find-chromium", HATCHWAY_CHROMIUM="/nowhere/chrome").returncode == 1
