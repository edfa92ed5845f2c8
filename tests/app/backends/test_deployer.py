"""The driver with the real Terraform and a module without any provider; that of infra/terraform is applied in
tests/terraform."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import filelock
import pytest
from moto import mock_aws

from app.backends import aws
from app.backends.deployer import LiveDeployer
from app.backends.folder import DeploymentFolder
from app.domain.deployment import Deployment, DeployOptions, DeployProgress, DomainChoice, Identity
from app.domain.problems import HatchwayError, fail
from tests.terraform.program import find_program

pytestmark = pytest.mark.slow

SHOP = DeployOptions(name="shop", region="eu-central-1")
ACCOUNT = "123456789012"
MADE = Deployment("shop", "eu-central-1", ACCOUNT, "https://shop.test", "wss://shop.test/live", "shop", managed=True)
MODULE = """
terraform {
  required_version = ">= 1.9"
}
variable "name" { type = string }
variable "region" { type = string }
variable "package" { type = string }
variable "front_door" { type = string }
variable "domain" { type = any }
variable "alarm_emails" { type = set(string) }
variable "monthly_budget" { type = number }
variable "command" {
  type    = string
  default = "true"
}
resource "terraform_data" "first" {
  input = filebase64sha256(var.package)
}
resource "terraform_data" "second" {
  input = var.monthly_budget
  provisioner "local-exec" {
    command = "${var.command} # ${terraform_data.first.id}"
  }
}
output "public_url" { value = "https://${var.name}.test" }
output "socket_url" { value = "wss://${var.name}.test/live" }
output "table" { value = var.name }
"""


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    find_program()
    config = tmp_path / "terraform.rc"
    config.write_text("disable_checkpoint = true\n")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(config))
    with mock_aws():
        yield


@pytest.fixture
def deployer(tmp_path: Path) -> LiveDeployer:
    module = tmp_path / "module"
    module.mkdir()
    (module / "versions.tf").write_text(MODULE)
    return LiveDeployer(tmp_path / "deployments", module)


def folder_of(tmp_path: Path) -> DeploymentFolder:
    return DeploymentFolder.of(tmp_path / "deployments", ACCOUNT, "eu-central-1", "shop")


def silent(_: DeployProgress) -> None:
    """Nobody follows."""


async def test_a_whole_life(deployer: LiveDeployer, tmp_path: Path) -> None:
    seen: list[DeployProgress] = []
    plan = await deployer.plan(SHOP, seen.append)
    assert [(change.action, change.address) for change in plan.changes] == [
        ("create", "terraform_data.first"),
        ("create", "terraform_data.second"),
    ]
    assert plan.identity.account == ACCOUNT
    assert "terraform_data.first will be created" in plan.text
    assert plan.cost.monthly > 0
    assert await deployer.managed() == []

    assert await deployer.apply(plan, seen.append) == MADE
    assert await deployer.managed() == [MADE]
    assert await deployer.options_of(MADE) == SHOP
    assert (seen[-1].step, seen[-1].done, seen[-1].total) == ("apply", 2, 2)
    assert [each.step for each in seen] == sorted((each.step for each in seen), key=["prepare", "plan", "apply"].index)
    files = list((tmp_path / "deployments").glob("*/terraform.tfstate*"))
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700

    # The same again has nothing to do; another budget changes one thing.
    assert (await deployer.plan(SHOP, silent)).changes == ()
    [change] = (await deployer.plan(replace(SHOP, monthly_budget=5, alarm_email="a@b.test"), silent)).changes
    assert (change.action, change.address) == ("update", "terraform_data.second")

    gone = await deployer.plan_destroy(MADE, silent)
    assert gone.destroys
    assert {change.action for change in gone.changes} == {"destroy"}
    await deployer.destroy(gone, silent)
    assert await deployer.managed() == []
    assert not folder_of(tmp_path).path.exists()


async def test_a_safe_stop_keeps_what_was_made_and_goes_on_later(deployer: LiveDeployer, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    folder = folder_of(tmp_path)
    folder.path.mkdir(parents=True)
    (folder.path / "more.tfvars").write_text(f'command = "cat {gate}"\n')
    plan = await deployer.plan(SHOP, silent)

    def stop_at_second(progress: DeployProgress) -> None:
        if progress.address == "terraform_data.second" and progress.state == "started":
            deployer.stop()

    with pytest.raises(HatchwayError) as caught:
        await deployer.apply(plan, stop_at_second)
    with contextlib.suppress(OSError):  # Terraform has left the command behind, for which the gate opens now
        os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
    assert caught.value.problem.code == "deploy_stopped"
    [half] = await deployer.managed()
    assert not half.complete
    assert half.name == "shop"

    (folder.path / "more.tfvars").unlink()
    again = await deployer.plan(SHOP, silent)
    assert [change.address for change in again.changes] == ["terraform_data.second"]
    assert await deployer.apply(again, silent) == MADE
    with pytest.raises(HatchwayError) as caught:
        await deployer.apply(again, silent)
    assert caught.value.problem.code == "plan_stale"


async def test_a_failing_apply_says_why_and_is_known_as_half_finished(deployer: LiveDeployer, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.path.mkdir(parents=True)
    (folder.path / "more.tfvars").write_text('command = "exit 7"\n')
    plan = await deployer.plan(SHOP, silent)
    with pytest.raises(HatchwayError) as caught:
        await deployer.apply(plan, silent)
    assert caught.value.problem.title == "local-exec provisioner error"
    assert "goes on from there" in caught.value.problem.hint
    assert [each.complete for each in await deployer.managed()] == [False]


async def test_another_hatchway_at_work_is_waited_for_by_the_person(deployer: LiveDeployer, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.path.mkdir(parents=True)
    folder.remember_process(os.getpid())
    with pytest.raises(HatchwayError) as caught:
        await deployer.plan(SHOP, silent)
    assert caught.value.problem.code == "deployment_locked"
    assert str(os.getpid()) in caught.value.problem.title


async def test_two_do_not_work_on_one_deployment(deployer: LiveDeployer, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    folder.lock.parent.mkdir(parents=True)
    with filelock.FileLock(folder.lock), pytest.raises(HatchwayError) as caught:
        await deployer.plan(SHOP, silent)
    assert caught.value.problem.code == "deployment_locked"


async def test_a_cancelled_plan_ends_terraform(deployer: LiveDeployer) -> None:
    begun = asyncio.Event()
    planning = asyncio.ensure_future(deployer.plan(SHOP, lambda _: begun.set()))
    await begun.wait()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    assert await deployer.managed() == []


async def test_a_name_that_stands_already_is_refused(deployer: LiveDeployer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "discover", lambda _: [replace(MADE, managed=False)])
    with pytest.raises(HatchwayError) as caught:
        await deployer.plan(SHOP, silent)
    assert caught.value.problem.code == "deployment_name_taken"
    assert await deployer.discover("", "eu-central-1") == [replace(MADE, managed=False)]


async def test_who_may_not_look_for_others_may_still_deploy(
    deployer: LiveDeployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: Identity) -> NoReturn:
        raise fail("aws_no_permission", "no", "AWS")

    monkeypatch.setattr(aws, "discover", forbidden)
    assert len((await deployer.plan(SHOP, silent)).changes) == 2


async def test_what_was_deployed_elsewhere_is_not_taken_down_from_here(deployer: LiveDeployer) -> None:
    with pytest.raises(HatchwayError) as caught:
        await deployer.plan_destroy(replace(MADE, managed=False), silent)
    assert caught.value.problem.code == "deployment_not_managed"


async def test_a_plan_is_for_the_account_it_was_made_in(
    deployer: LiveDeployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await deployer.plan(SHOP, silent)
    monkeypatch.setattr(aws, "identity", lambda *_: replace(plan.identity, account="999999999999"))
    with pytest.raises(HatchwayError) as caught:
        await deployer.apply(plan, silent)
    assert caught.value.problem.code == "aws_other_account"


@pytest.mark.parametrize(
    "options",
    [
        DeployOptions(name="Shop"),
        DeployOptions(monthly_budget=5),
        DeployOptions(front_door="function_url", domain=DomainChoice("t.example.com", zone_id="Z1")),
    ],
)
async def test_what_makes_no_sense_is_refused_before_aws_is_asked(
    deployer: LiveDeployer, options: DeployOptions
) -> None:
    with pytest.raises(HatchwayError) as caught:
        await deployer.plan(options, silent)
    assert caught.value.problem.code == "bad_deploy_option"
