"""What is asked of AWS itself, with boto3. All functions block; failures are explained (`aws_problems`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.backends.aws_problems import Situation, explained
from app.domain.deployment import Deployment, Identity
from app.domain.problems import HatchwayError, fail

TAG: Final = "hatchway:deployment"
"""On everything that the module makes; its value is the deployment's name."""

_CONFIG: Final = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 3, "mode": "standard"})
# Every deployment has one of each, and no resource of anybody else carries the tag.
_TYPES: Final = ["lambda:function", "dynamodb:table"]


def profiles() -> list[str]:
    """Of the AWS configuration files of this computer."""
    try:
        return sorted(boto3.Session().available_profiles)
    except BotoCoreError:  # AWS_PROFILE names one that does not exist
        return []


def regions() -> list[str]:
    """Where there is Lambda, as far as this version of boto3 knows."""
    session = boto3.Session(region_name="us-east-1")
    partitions = session.get_available_partitions()
    return sorted({region for each in partitions for region in session.get_available_regions("lambda", each)})


def identity(credentials: str, region: str) -> Identity:
    """Who that is. region: "" for that of the configuration. Raises HatchwayError."""
    with explaining(Situation(credentials, region)):
        session = boto3.Session(profile_name=credentials or None, region_name=region or None)
        chosen = session.region_name
    if not chosen:
        raise fail(
            "aws_no_region",
            "No AWS region is chosen",
            "you",
            "Use --region, such as --region eu-central-1, or set one with `aws configure`.",
        )
    try:
        with explaining(Situation(credentials, chosen)):
            who = session.client("sts", config=_CONFIG).get_caller_identity()
    except HatchwayError as error:
        # The address of a region that does not exist cannot be found, as if the network were down.
        if error.problem.code == "aws_unreachable" and chosen not in regions():
            raise fail(
                "aws_unknown_region",
                f"There is no AWS region “{chosen}”",
                "you",
                "Use one such as eu-central-1.",
            ) from error
        raise
    return Identity(who["Account"], who["Arn"], chosen, credentials)


def discover(who: Identity) -> list[Deployment]:
    """What carries the tag in this account and region. Raises HatchwayError."""
    situation = Situation(who.credentials, who.region)
    with explaining(situation):
        session = boto3.Session(profile_name=who.credentials or None, region_name=who.region)
        tagging = session.client("resourcegroupstaggingapi", config=_CONFIG)
        pages = tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}], ResourceTypeFilters=_TYPES)
        names = {
            tag["Value"]
            for page in pages
            for resource in page["ResourceTagMappingList"]
            for tag in resource["Tags"]
            if tag["Key"] == TAG
        }
        found = [_deployment(who, session, name) for name in sorted(names)]
    return [each for each in found if each is not None]


def client(service: str, credentials: str, region: str) -> Any:
    """A session of its own for each: sessions are not for several threads."""
    return boto3.Session(profile_name=credentials or None, region_name=region or None).client(service, config=_CONFIG)


@contextmanager
def explaining(situation: Situation) -> Iterator[None]:
    """Turn failures of botocore into HatchwayError."""
    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: of an endpoint in the configuration
        raise explained(error, situation) from error


def code_of(error: ClientError) -> str:
    """AWS's name of the failure."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _deployment(who: Identity, session: Any, name: str) -> Deployment | None:
    """None for one that is gone: tags are remembered for a while."""
    functions = session.client("lambda", config=_CONFIG)
    try:
        variables = functions.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return _half(who, session, name)
    return Deployment(
        name,
        who.region,
        who.account,
        variables.get("HATCHWAY_PUBLIC_URL") or _function_url(functions, name),
        variables.get("HATCHWAY_SOCKET_URL", ""),
        variables.get("HATCHWAY_TABLE", name),
        managed=False,
        complete=bool(variables.get("HATCHWAY_SOCKET_URL")),
    )


def _half(who: Identity, session: Any, name: str) -> Deployment | None:
    """Without its function: made in part, or taken down in part."""
    try:
        session.client("dynamodb", config=_CONFIG).describe_table(TableName=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return None
    return Deployment(name, who.region, who.account, "", "", name, managed=False, complete=False)


def _function_url(functions: Any, name: str) -> str:
    """ "" for none: a function cannot have the address of its own URL among its variables."""
    try:
        return str(functions.get_function_url_config(FunctionName=name)["FunctionUrl"]).rstrip("/")
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return ""
