"""The module's form: formatted, valid for the provider, and what its own tests (*.tftest.hcl) say."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.terraform.program import MODULE, Terraform, find_program


def test_files_are_formatted() -> None:
    program = find_program()
    done = subprocess.run(
        [program, "fmt", "-check", "-recursive", "-diff"], cwd=MODULE, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_provider_finds_it_valid_and_nothing_deprecated(terraform: Terraform) -> None:
    said = terraform.run("validate").stdout
    assert "The configuration is valid." in said
    assert "Warning" not in said


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_its_own_tests_pass(terraform: Terraform) -> None:
    said = terraform.run("test").stdout
    passed = re.search(r"(\d+) passed, 0 failed", said)
    declared = sum(file.read_text("utf-8").count('\nrun "') for file in MODULE.glob("tests/*.tftest.hcl"))
    assert passed, said
    assert int(passed[1]) == declared > 0
