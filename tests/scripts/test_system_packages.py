"""scripts/system-packages finds what is missing, installs it where it may, and otherwise says how."""

from __future__ import annotations

import pytest

from tests.scripts.conftest import Machine


@pytest.fixture
def debian(machine: Machine) -> Machine:
    """libgl1 and a renamed libglib2.0-0 are installed, libegl1 was removed (its settings remain)."""
    machine.fake(
        "dpkg-query",
        "echo 'installed:libgl1, '; echo 'config-files:libegl1, '\n"
        "echo 'installed:libglib2.0-0t64, libfoo, libglib2.0-0 (= 2.80.0-6)'",
    )
    machine.records("apt-get")
    return machine


def _user(machine: Machine, uid: int, *, sudo: bool = False) -> None:
    machine.fake("id", f"echo {uid}")
    machine.records("sudo", 'shift 0; [ "$1" = -n ] && exit 0; exec "$@"' if sudo else "exit 1")


def test_nothing_is_called_when_all_is_there(debian: Machine) -> None:
    _user(debian, 0)
    done = debian.run("system-packages", "libgl1", "libglib2.0-0")
    assert (done.returncode, done.stdout, done.stderr, debian.calls) == (0, "", "", [])


def test_root_installs_what_is_missing_and_says_so(debian: Machine) -> None:
    _user(debian, 0)
    done = debian.run("system-packages", "libgl1", "libegl1", "chromium")
    assert done.returncode == 0
    assert done.stdout == "Installing system packages with apt-get: libegl1 chromium\n"
    assert [call.split()[-3:] for call in debian.calls] == [
        ["DPkg::Lock::Timeout=120", "update", "-qq"],
        ["--no-install-recommends", "libegl1", "chromium"],
    ]


def test_the_window_group_stands_for_its_packages(debian: Machine) -> None:
    _user(debian, 0)
    done = debian.run("system-packages", "window")
    missing = done.stdout.partition(": ")[2].split()
    assert {"libegl1", "libxkbcommon0", "libxcb-cursor0", "libxcb-icccm4"} <= set(missing)
    assert not {"window", "libgl1", "libglib2.0-0"} & set(missing)


def test_without_root_the_command_is_named_and_nothing_is_installed(debian: Machine) -> None:
    _user(debian, 1000)
    done = debian.run("system-packages", "libgl1", "libegl1", "chromium")
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 chromium\n" in done.stderr
    assert debian.calls == ["sudo -n true"]


def test_passwordless_sudo_is_used(debian: Machine) -> None:
    _user(debian, 1000, sudo=True)
    assert debian.run("system-packages", "libegl1").returncode == 0
    assert debian.calls[-1].startswith("apt-get ")
    assert debian.calls[-1].endswith(" --no-install-recommends libegl1")


def test_a_failing_installation_fails(debian: Machine) -> None:
    _user(debian, 0)
    debian.fake("apt-get", "exit 100")
    assert debian.run("system-packages", "libegl1").returncode == 100


def test_python_without_ensurepip_needs_the_venv_package_of_its_version(debian: Machine) -> None:
    _user(debian, 1000)
    debian.fake(
        "python3",
        'case "$2" in *ensurepip*) exit 1 ;; *print\\(sys.exec*) echo "$0" ;; *) echo python3.12-venv ;; esac',
    )
    done = debian.run("system-packages", "python", "libegl1")
    assert "--no-install-recommends python3.12-venv libegl1\n" in done.stderr


def test_a_python_that_does_not_fit_stops_everything(debian: Machine) -> None:
    _user(debian, 0)
    done = debian.run("system-packages", "python", "libegl1", PYTHON="/nowhere/python")
    assert done.returncode == 1
    assert "Hatchway needs Python 3.11" in done.stderr
    assert debian.calls == []
