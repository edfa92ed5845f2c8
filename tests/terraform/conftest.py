from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.mock_cloud import mock_cloud
from tests.terraform.program import Terraform, find_mirror, find_program

_root = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def lambda_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The function's package, built from the sources as they are."""
    package = tmp_path_factory.mktemp("package") / "lambda.zip"
    subprocess.run([sys.executable, _root / "scripts" / "lambda-package", package], check=True, capture_output=True)
    return package


@pytest.fixture(scope="session")
def cloud() -> Iterator[str]:
    """Address of a mock cloud."""
    find_program(), find_mirror()
    with mock_cloud() as address:
        yield address


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory, lambda_package: Path, cloud: str) -> Terraform:
    """The module, initialised, with the mock cloud behind it; nothing is applied."""
    return Terraform(tmp_path_factory.mktemp("terraform") / "module", lambda_package, cloud)
