"""What stands in an account, and what of it is known on this computer. Blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.backends import aws
from app.backends.folder import DeploymentFolder, Record
from app.domain.deployment import Deployment, Identity
from app.domain.problems import HatchwayError, fail


def records_in(folder: Path) -> list[Record]:
    """Of all deployments that were applied from this computer."""
    found = (DeploymentFolder(each.parent).read_record() for each in sorted(folder.glob("*/deployment.json")))
    return [record for record in found if record is not None]


def merged(who: Identity, found: Sequence[Deployment], records: Sequence[Record]) -> list[Deployment]:
    """found: in the account, with what is known here; what is known here only is half-made, or was taken down from
    elsewhere."""
    all_here = [record.deployment for record in records]
    here = {each.name: each for each in all_here if (each.account, each.region) == (who.account, who.region)}
    known = [
        replace(each, managed=True, complete=each.complete and here[each.name].complete) if each.name in here else each
        for each in found
    ]
    names = {each.name for each in found}
    return [*known, *(replace(each, complete=False) for name, each in here.items() if name not in names)]


def check_free(who: Identity, name: str) -> None:
    """Before a first deployment. Raises HatchwayError `deployment_name_taken`."""
    try:
        standing = aws.discover(who)
    except HatchwayError as error:
        if error.problem.code != "aws_no_permission":
            raise
        return  # Terraform will find out
    if any(each.name == name for each in standing):
        raise fail(
            "deployment_name_taken",
            f"A deployment “{name}” stands in {who.region} already, made from elsewhere",
            "you",
            "Choose another name, or use that one: `hatchway backends discover`.",
        )
