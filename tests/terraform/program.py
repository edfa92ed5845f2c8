"""Terraform and the AWS provider of this machine, run on a copy of the module.

Neither is installed by the project: no package index has them, and the provider is 675 MB. Where one is missing the
tests are skipped, loudly.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MODULE = Path(__file__).resolve().parents[2] / "infra" / "terraform"
# Where Terraform itself looks for providers on disk, and where images keep them.
_MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/*",
)


def find_program() -> str:
    """The path of Terraform. Skips the test where there is none."""
    if program := shutil.which("terraform"):
        return program
    pytest.skip("NO TERRAFORM on the PATH: infra/terraform was not tested")


def find_mirror() -> Path:
    """A folder with the AWS provider as a filesystem mirror: $TF_PLUGIN_DIR, or the usual ones. Skips otherwise."""
    for mirror in _candidates():
        if any(mirror.glob("*/hashicorp/aws")):
            return mirror
    pytest.skip("NO AWS PROVIDER in $TF_PLUGIN_DIR or a usual folder: infra/terraform was not planned, nor applied")


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("TF_PLUGIN_DIR"):
        yield Path(named)
    for pattern in _MIRRORS:
        path = Path(pattern).expanduser()
        yield from sorted(path.parent.glob(path.name)) if path.parent.is_dir() else ()


def copy_module(directory: Path) -> Path:
    """Copy the module for a mock cloud into `directory`; returns a configuration of Terraform for it, beside it."""
    mirror = find_mirror()
    shutil.copytree(MODULE, directory, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars"))
    # An address in the place of a host name leaves no room for a bucket's name before it.
    (directory / "test_override.tf").write_text('provider "aws" {\n  s3_use_path_style = true\n}\n')
    config = directory.with_name(f"{directory.name}.rc")
    source = f"filesystem_mirror {{ path = {json.dumps(str(mirror))} }}"
    config.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{source}\n}}\n")
    return config


class Terraform:
    """A copy of the module in `directory`, initialised. `endpoint`: what all calls to AWS go to."""

    def __init__(self, directory: Path, package: Path, endpoint: str) -> None:
        self.directory = directory
        self._program = find_program()
        config = copy_module(directory)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
        self._environment |= {
            "TF_CLI_CONFIG_FILE": str(config),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "TF_VAR_package": str(package),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",  # what the mock cannot do fails now, not after minutes
        }
        self.run("init", "-backend=false")

    def run(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """A command of Terraform's. Fails the test unless it ends with one of `fine`."""
        done = subprocess.run(
            [self._program, arguments[0], "-no-color", *arguments[1:]],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.returncode in fine, f"terraform {' '.join(arguments)}\n{done.stdout[-6000:]}\n{done.stderr}"
        return done

    def plan(self, **variables: object) -> Resources:
        """What would be made for these variables, in a cloud without anything."""
        self.run("plan", "-state=none.tfstate", "-out=trial.tfplan", *as_arguments(variables))
        shown = json.loads(self.run("show", "-json", "trial.tfplan").stdout)
        return Resources(shown["planned_values"])


def as_arguments(variables: dict[str, object]) -> list[str]:
    return [
        f"-var={name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in variables.items()
    ]


class Resources:
    """Values of resources (those known) and outputs."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.outputs: dict[str, Any] = {name: output.get("value") for name, output in values.get("outputs", {}).items()}
        self._resources: dict[str, dict[str, Any]] = {
            resource["address"]: resource.get("values", {})
            for resource in values.get("root_module", {}).get("resources", [])
            if resource["mode"] == "managed"
        }

    def __getitem__(self, address: str) -> dict[str, Any]:
        return self._resources[address]

    @property
    def addresses(self) -> set[str]:
        return set(self._resources)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Address → values of all resources of a type."""
        return {address: values for address, values in self._resources.items() if address.startswith(f"{kind}.")}
