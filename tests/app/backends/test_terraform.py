from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from app.backends import terraform
from app.backends.terraform import OLDEST, TerraformRun, environment, find_terraform
from app.domain.problems import HatchwayError
from tests.terraform.program import MODULE


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(terraform, "_MORE_FOLDERS", ())
    return folder


def install(folder: Path, name: str, version: str) -> None:
    program = folder / name
    said = json.dumps({"terraform_version": version}) if version else "dyld: broken"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)


def test_terraform_is_taken_first(bin_folder: Path) -> None:
    install(bin_folder, "tofu", "1.10.0")
    install(bin_folder, "terraform", "1.9.0")
    found = find_terraform()
    assert (found.name, found.version, found.program) == ("Terraform", "1.9.0", str(bin_folder / "terraform"))


@pytest.mark.parametrize("version", ["1.8.5", ""])
def test_opentofu_serves_where_terraform_does_not(bin_folder: Path, version: str) -> None:
    install(bin_folder, "terraform", version)
    install(bin_folder, "tofu", "1.12.0-beta1")
    assert find_terraform().name == "OpenTofu"


def test_an_old_one_is_named_with_what_is_needed(bin_folder: Path) -> None:
    install(bin_folder, "terraform", "1.5.7")
    with pytest.raises(HatchwayError) as caught:
        find_terraform()
    assert caught.value.problem.code == "terraform_old"
    assert caught.value.problem.title == "Terraform 1.5.7 is too old, 1.9 is needed"


@pytest.mark.parametrize("broken", [False, True])
def test_without_any_it_says_how_to_get_one(bin_folder: Path, broken: bool) -> None:
    if broken:
        install(bin_folder, "terraform", "")
    with pytest.raises(HatchwayError) as caught:
        find_terraform()
    assert caught.value.problem.code == "terraform_missing"
    assert "https://" in caught.value.problem.hint


def test_the_oldest_is_the_modules() -> None:
    found = re.search(r'required_version = ">= ([\d.]+)"', (MODULE / "versions.tf").read_text())
    assert found
    assert found[1] == ".".join(map(str, OLDEST))


def test_a_profile_wins_over_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TF_VAR_name", "other")
    monkeypatch.setenv("TF_CLI_ARGS", "-lock=false")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "mine")
    usual = environment("", "eu-central-1", tmp_path)
    assert usual["AWS_ACCESS_KEY_ID"] == "testing"
    assert usual["AWS_REGION"] == "eu-central-1"
    assert usual["TF_CLI_CONFIG_FILE"] == "mine"
    assert {"TF_VAR_name", "TF_CLI_ARGS"}.isdisjoint(usual)
    named = environment("work", "eu-central-1", tmp_path)
    assert named["AWS_PROFILE"] == "work"
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}.isdisjoint(named)


def test_every_line_arrives_and_stays_in_the_log(tmp_path: Path) -> None:
    script = "import sys; print('one\\r'); print('two', file=sys.stderr); sys.stdout.write('three'); sys.exit(3)"
    log = tmp_path / "log"
    run = TerraformRun([sys.executable, "-uc", script], tmp_path, {}, log)
    lines: list[str] = []
    assert run.run(lines.append) == 3
    assert lines == ["one\r", "two", "three"]
    assert log.read_bytes() == b"one\r\ntwo\nthree"
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_is_stopped_before_it_begins_never_begins(tmp_path: Path) -> None:
    run = TerraformRun([sys.executable, "-c", "open('made', 'w')"], tmp_path, {}, tmp_path / "log")
    run.stop()
    assert run.run(lambda _: None) == 1
    assert not (tmp_path / "made").exists()


_COUNTS_INTERRUPTS = """
import signal, time
seen = []
def interrupted(*_):
    seen.append(1)
    print("interrupts", len(seen), flush=True)
signal.signal(signal.SIGINT, interrupted)
print("ready", flush=True)
while len(seen) < 2:
    time.sleep(0.01)
raise SystemExit(9)
"""


def test_it_is_interrupted_once_for_each_stop_and_never_killed(tmp_path: Path) -> None:
    run = TerraformRun([sys.executable, "-c", _COUNTS_INTERRUPTS], tmp_path, {}, tmp_path / "log")
    lines: list[str] = []

    def take(line: str) -> None:
        lines.append(line)
        if line in ("ready", "interrupts 1"):
            run.stop()

    assert run.run(take) == 9
    assert lines == ["ready", "interrupts 1", "interrupts 2"]
    assert run.stopped
    run.stop()  # it has ended: nothing to interrupt
