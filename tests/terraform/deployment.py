"""One whole life of a deployment in the mock cloud, by the app's own driver, recorded: made, looked at, planned again,
destroyed."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import msgspec
import pytest
from filelock import FileLock

from app.backends.deployer import LiveDeployer
from app.backends.folder import DeploymentFolder
from app.backends.package import installed_package
from app.backends.terraform import environment, find_terraform
from app.domain import deployment as domain
from tests.terraform.program import Resources, copy_module, find_program

_REGION = "eu-central-1"


class Deployment(NamedTuple):
    """state: after it was made. made: what the app says of it; found: what it finds in the account; progress: (done,
    total) at the end; token: the row of a token it made. second_plan: what a plan found to do then. apis, stages: what
    the cloud itself says. left, leftovers: what the app, and the cloud, still had after the end."""

    state: Resources
    made: domain.Deployment
    found: list[domain.Deployment]
    progress: list[int]
    planned: int
    second_plan: list[str]
    apis: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    left: list[str]
    leftovers: list[str]


def recorded(record: Path, folder: Path, cloud: str) -> Deployment:
    """The life of a deployment, in `folder`. It takes two minutes (the provider waits one for S3's lifecycle rules,
    always), so processes that share `record` live it once."""
    find_program()
    with FileLock(f"{record}.lock"):
        if not record.is_file():
            config = copy_module(folder / "module")
            # A source that is edited meanwhile would be something to do for the second plan.
            package = shutil.copytree(installed_package(), folder / "backend_lambda")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("TF_CLI_CONFIG_FILE", str(config))
                patch.setenv("AWS_ENDPOINT_URL", cloud)
                patch.setenv("AWS_MAX_ATTEMPTS", "2")  # what the mock cannot do fails now, not after minutes
                patch.setattr("app.backends.folder.installed_package", lambda: package)
                life = asyncio.run(_live(folder, cloud))
            record.write_text(json.dumps(life, default=str))
    life = json.loads(record.read_text())
    state, made, found = life.pop("state"), life.pop("made"), life.pop("found")
    return Deployment(
        Resources(state),
        msgspec.convert(made, domain.Deployment),
        msgspec.convert(found, list[domain.Deployment]),
        **life,
    )


async def _live(folder: Path, cloud: str) -> dict[str, Any]:
    apis, buckets, tables = (
        boto3.client(service, endpoint_url=cloud) for service in ("apigatewayv2", "s3", "dynamodb")
    )
    deployer = LiveDeployer(folder / "deployments", folder / "module")
    progress: list[domain.DeployProgress] = []
    plan = await deployer.plan(domain.DeployOptions(region=_REGION), progress.append)
    made = await deployer.apply(plan, progress.append)
    try:
        await deployer.mint_token(made, "laptop", "")
        state = _state_values(DeploymentFolder(Path(plan.file).parent))
        socket = Resources(state)["aws_apigatewayv2_api.socket"]["id"]
        again = await deployer.plan(domain.DeployOptions(region=_REGION), lambda _: None)
        life: dict[str, Any] = {
            "state": state,
            "made": msgspec.to_builtins(made),
            "found": msgspec.to_builtins(await deployer.discover("", _REGION)),
            "progress": [progress[-1].done, progress[-1].total],
            "planned": len(plan.changes),
            "second_plan": [f"{change.action} {change.address}" for change in again.changes],
            "apis": apis.get_apis()["Items"],
            "stages": apis.get_stages(ApiId=socket)["Items"],
        }
    finally:
        await deployer.destroy(await deployer.plan_destroy(made, lambda _: None), lambda _: None)
    leftovers = (apis.get_apis()["Items"], buckets.list_buckets()["Buckets"], tables.list_tables()["TableNames"])
    life |= {
        "left": [path.name for path in (folder / "deployments").iterdir() if path.suffix != ".lock"],
        "leftovers": [str(thing) for things in leftovers for thing in things],
    }
    return life


def _state_values(folder: DeploymentFolder) -> dict[str, Any]:
    """What has been applied, as `Resources` takes it."""
    done = subprocess.run(
        [find_terraform().program, "show", "-json"],
        cwd=folder.module,
        env=environment("", _REGION, folder.providers),
        capture_output=True,
        check=True,
        timeout=100,
    )
    values: dict[str, Any] = json.loads(done.stdout)["values"]
    return values
