"""One whole life of a deployment in the mock cloud, recorded: made, looked at, planned again, destroyed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from filelock import FileLock

from tests.terraform.program import Resources, Terraform


class Deployment(NamedTuple):
    """state: after it was made. second_plan: what a plan found to do then, "" for nothing. apis, stages: what the
    cloud itself says. left, leftovers: what Terraform, and the cloud, still had after the end."""

    state: Resources
    second_plan: str
    apis: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    left: list[str]
    leftovers: list[str]


def recorded(record: Path, terraform: Terraform, cloud: str) -> Deployment:
    """The life of a deployment. It takes two minutes (the provider waits one for S3's lifecycle rules, always),
    so processes that share `record` live it once."""
    with FileLock(f"{record}.lock"):
        if not record.is_file():
            record.write_text(json.dumps(_live(terraform, cloud), default=str))
    life = json.loads(record.read_text())
    return Deployment(Resources(life.pop("state")), **life)


def _live(terraform: Terraform, cloud: str) -> dict[str, Any]:
    apis, buckets, tables = (
        boto3.client(service, endpoint_url=cloud) for service in ("apigatewayv2", "s3", "dynamodb")
    )
    terraform.run("apply", "-auto-approve", "-parallelism=20")
    try:
        state = terraform.state_values()
        socket = Resources(state)["aws_apigatewayv2_api.socket"]["id"]
        again = terraform.run("plan", "-detailed-exitcode", fine=(0, 2))
        life: dict[str, Any] = {
            "state": state,
            "second_plan": again.stdout if again.returncode else "",
            "apis": apis.get_apis()["Items"],
            "stages": apis.get_stages(ApiId=socket)["Items"],
        }
    finally:
        terraform.run("destroy", "-auto-approve", "-parallelism=20")
    leftovers = (apis.get_apis()["Items"], buckets.list_buckets()["Buckets"], tables.list_tables()["TableNames"])
    life |= {
        "left": sorted(Resources(terraform.state_values()).addresses),
        "leftovers": [str(thing) for things in leftovers for thing in things],
    }
    return life
