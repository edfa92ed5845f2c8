from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.backends.folder import DeploymentFolder, Record, check_deployment_name, module_directory
from app.domain.deployment import DeployOptions, DomainChoice, Identity, ToolCheck
from app.domain.problems import HatchwayError

OPTIONS = DeployOptions(
    "shop", "eu-central-1", "work", "http_api", DomainChoice("t.example.com", zone_id="Z1"), "a@b.test", 20
)
WHO = Identity("123456789012", "arn:aws:iam::123456789012:user/ada", "eu-central-1", "work")
TOOL = ToolCheck("Terraform", "1.9.0", "terraform")


@pytest.fixture
def folder(tmp_path: Path) -> DeploymentFolder:
    return DeploymentFolder.of(tmp_path, WHO.account, WHO.region, "shop")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "templates").mkdir(parents=True)
    (source / "versions.tf").write_text("version 1")
    (source / "old.tf").write_text("old")
    (source / "templates" / "reply.tftpl").write_text("x")
    (source / "terraform.tfstate").write_text("somebody's state")
    return source


def test_the_variables_are_the_modules(folder: DeploymentFolder, module: Path) -> None:
    folder.prepare(OPTIONS, "eu-central-1", module)
    [argument] = folder.variable_files
    values = json.loads(Path(argument.removeprefix("-var-file=")).read_text())
    declared = (module_directory() / "variables.tf").read_text() + (
        module_directory() / "variables_operation.tf"
    ).read_text()
    assert values.keys() <= set(re.findall(r'^variable "(\w+)"', declared, re.MULTILINE))
    domain = {"name": "t.example.com", "wildcard": True, "zone_id": "Z1", "certificate_arn": None}
    assert values == {
        "name": "shop",
        "region": "eu-central-1",
        "package": str(folder.package),
        "front_door": "http_api",
        "domain": domain,
        "alarm_emails": ["a@b.test"],
        "monthly_budget": 20,
    }


def test_the_users_own_variables_come_first_so_that_the_options_win(folder: DeploymentFolder, module: Path) -> None:
    folder.prepare(OPTIONS, "eu-central-1", module)
    (folder.path / "more.tfvars").write_text("memory = 1024\n")
    assert [Path(each).name for each in folder.variable_files] == ["more.tfvars", "variables.tfvars.json"]


def test_an_upgrade_leaves_no_file_of_before_and_no_state_moves(folder: DeploymentFolder, module: Path) -> None:
    folder.prepare(OPTIONS, "eu-central-1", module)
    folder.state.write_text("precious")
    (folder.module / ".terraform.lock.hcl").write_text("locked")
    folder.remember_initialised(TOOL)
    (module / "old.tf").unlink()
    (module / "new.tf").write_text("new")
    folder.prepare(OPTIONS, "eu-central-1", module)
    names = {path.relative_to(folder.module).as_posix() for path in folder.module.rglob("*") if path.is_file()}
    assert names == {"versions.tf", "new.tf", "templates/reply.tftpl", "backend.tf", ".terraform.lock.hcl"}
    assert folder.state.read_text() == "precious"
    assert folder.is_initialised(TOOL)
    assert not folder.is_initialised(replace(TOOL, version="1.10.0"))

    # Another provider is wanted: the old choice does not count any more.
    (module / "versions.tf").write_text("version 2")
    folder.prepare(OPTIONS, "eu-central-1", module)
    assert not (folder.module / ".terraform.lock.hcl").exists()
    assert not folder.is_initialised(TOOL)


def test_nobody_else_may_look(folder: DeploymentFolder, module: Path) -> None:
    folder.prepare(OPTIONS, "eu-central-1", module)
    folder.write_record(Record(OPTIONS, WHO))
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.path / "deployment.json").stat().st_mode) == 0o600


def test_what_was_applied_is_remembered(folder: DeploymentFolder) -> None:
    assert folder.read_record() is None
    folder.path.mkdir(parents=True)
    folder.mark_incomplete(OPTIONS, WHO)
    assert folder.read_record() == Record(OPTIONS, WHO)
    made = Record(OPTIONS, WHO, "https://a.test", "wss://b.test/live", "shop", complete=True)
    folder.write_record(made)
    # A change that stops half-way does not lose the addresses.
    folder.mark_incomplete(replace(OPTIONS, monthly_budget=0), WHO)
    half = folder.read_record()
    assert half == replace(made, options=replace(OPTIONS, monthly_budget=0), complete=False)
    assert half is not None
    assert half.deployment.agent_url == "wss://b.test/live"
    (folder.path / "deployment.json").write_text("torn")
    assert folder.read_record() is None


def test_a_terraform_that_was_left_at_work_is_known(folder: DeploymentFolder) -> None:
    folder.path.mkdir(parents=True)
    assert folder.working_process() == 0
    folder.remember_process(os.getpid())
    assert folder.working_process() == os.getpid()
    # The same number, another process.
    (folder.path / "running.json").write_text(f"[{os.getpid()}, 1.5]")
    assert folder.working_process() == 0
    (folder.path / "running.json").write_text("torn")
    assert folder.working_process() == 0


@pytest.mark.parametrize("name", ["abc", "a-1", "x" * 24])
def test_good_names(name: str) -> None:
    assert check_deployment_name(name) == name


@pytest.mark.parametrize("name", ["", "ab", "1ab", "a-", "Abc", "a_b", "x" * 25, "abc\n", "a/b"])
def test_bad_names(name: str) -> None:
    with pytest.raises(HatchwayError):
        check_deployment_name(name)
