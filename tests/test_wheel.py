"""What an installed Hatchway has: the wheel, built and looked into."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.backends.package import installed_package, sources
from tests.terraform.program import MODULE

_root = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=_root,
        check=True,
        capture_output=True,
        timeout=100,
    )
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_the_whole_terraform_module(members: set[str]) -> None:
    module = {path.relative_to(MODULE).as_posix() for path in (*MODULE.glob("*.tf"), *(MODULE / "templates").iterdir())}
    assert "versions.tf" in module
    assert {name.removeprefix("app/_infra/") for name in members if name.startswith("app/_infra/")} == module


def test_it_holds_all_that_is_deployed_to_lambda(members: set[str]) -> None:
    package = installed_package()
    assert {path.relative_to(package.parent).as_posix() for path in sources(package)} <= members


def test_it_holds_icons_and_nothing_of_the_tests(members: set[str]) -> None:
    assert "app/_resources/hatchway.qss" in members
    assert {name.partition("/")[0] for name in members if ".dist-info/" not in name} == {"app", "backend_lambda"}
