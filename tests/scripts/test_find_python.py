"""scripts/find-python takes the first Python that fits and says what it found otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.scripts.conftest import Machine

_too_old = 'case "$1" in --version) echo "Python 3.10.12" ;; *) exit 1 ;; esac'
_names = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")


def test_python3_is_taken_if_it_fits(machine: Machine) -> None:
    machine.fake("python3", f'exec "{sys.executable}" "$@"')
    assert machine.run("find-python").stdout == f"{sys.executable}\n"


def test_an_old_python3_is_passed_over_for_one_by_name(machine: Machine) -> None:
    for name in _names:
        machine.fake(name, _too_old)
    machine.fake("python3.12", f'exec "{sys.executable}" "$@"')
    assert machine.run("find-python").stdout == f"{sys.executable}\n"


def test_only_old_pythons_are_refused_with_their_version(machine: Machine) -> None:
    for name in _names:
        machine.fake(name, _too_old)
    done = machine.run("find-python")
    assert done.returncode == 1
    assert "Hatchway needs Python 3.11, 3.12, 3.13 or 3.14, but found Python 3.10.12." in done.stderr


def test_the_named_python_is_the_only_candidate(machine: Machine, tmp_path: Path) -> None:
    old = machine.fake("mine", _too_old)
    done = machine.run("find-python", PYTHON=str(old))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"(PYTHON={old})" in done.stderr
