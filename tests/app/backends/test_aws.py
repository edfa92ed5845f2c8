"""What is asked of AWS, answered by moto."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.core.models import MockAWS

from app.backends import aws, aws_tokens
from app.domain.deployment import Deployment, Identity
from app.domain.problems import HatchwayError
from backend_lambda.adapters.connection_table import ConnectionTable

REGION = "eu-central-1"
WHO = Identity("123456789012", "arn:aws:sts::123456789012:user/moto", REGION, "")
STANDING = Deployment("shop", REGION, WHO.account, "https://a.test", "wss://b.test/live", "shop", managed=False)
TAG = {aws.TAG: "shop"}


@pytest.fixture(autouse=True)
def cloud() -> Iterator[MockAWS]:
    with mock_aws() as mock:
        yield mock


def table(name: str = "shop") -> None:
    boto3.client("dynamodb", REGION).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        Tags=[{"Key": aws.TAG, "Value": name}],
    )


def function(**variables: str) -> Any:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = boto3.client("iam", REGION).create_role(RoleName="it", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("it.py", "")
    functions = boto3.client("lambda", REGION)
    functions.create_function(
        FunctionName="shop", Runtime="python3.13", Role=role, Handler="it.it", Code={"ZipFile": packed.getvalue()},
        Tags=TAG, Environment={"Variables": variables},
    )  # fmt: skip
    return functions


def test_who_that_is_and_where() -> None:
    who = aws.identity("", "")
    assert (who.account, who.region, who.credentials) == (WHO.account, REGION, "")
    assert aws.identity("", "us-east-1").region == "us-east-1"


def test_no_region_and_no_such_profile_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    for credentials, code in (("", "aws_no_region"), ("no-such", "aws_unknown_profile")):
        with pytest.raises(HatchwayError) as caught:
            aws.identity(credentials, "")
        assert caught.value.problem.code == code


@pytest.mark.parametrize(("region", "code"), [("eu-nowhere-9", "aws_unknown_region"), (REGION, "aws_unreachable")])
def test_a_region_that_does_not_exist_is_told_from_a_network_that_is_down(
    region: str, code: str, cloud: MockAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.stop()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setattr(aws, "_CONFIG", Config(retries={"total_max_attempts": 1}))
    with pytest.raises(HatchwayError) as caught:
        aws.identity("", region)
    cloud.start()
    assert caught.value.problem.code == code


def test_regions_are_known_without_asking() -> None:
    assert {"eu-central-1", "us-east-1"} <= set(aws.regions())


def test_deployments_are_found_by_their_tag() -> None:
    assert aws.discover(WHO) == []
    table()
    [half] = aws.discover(WHO)
    assert (half.name, half.complete, half.table) == ("shop", False, "shop")
    functions = function(HATCHWAY_PUBLIC_URL="https://a.test", **ADDRESSES)
    assert aws.discover(WHO) == [STANDING]
    # With a Function URL, the function does not know the address itself.
    functions.update_function_configuration(FunctionName="shop", Environment={"Variables": ADDRESSES})
    assert aws.discover(WHO) == [replace(STANDING, public_url="")]
    made = functions.create_function_url_config(FunctionName="shop", AuthType="NONE")["FunctionUrl"]
    assert aws.discover(WHO) == [replace(STANDING, public_url=made.rstrip("/"))]


ADDRESSES = {"HATCHWAY_SOCKET_URL": "wss://b.test/live", "HATCHWAY_TABLE": "shop"}


def test_a_token_is_what_the_function_takes_until_it_is_revoked() -> None:
    with pytest.raises(HatchwayError) as caught:
        aws_tokens.tokens(STANDING, "")
    assert caught.value.problem.side == "AWS"
    table()
    token, other = (aws_tokens.mint(STANDING, name, "") for name in ("laptop", "phone"))
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43
    assert token != other
    known = ConnectionTable(boto3.client("dynamodb", REGION), "shop")
    assert known.principal(token) == "laptop"
    listed = aws_tokens.tokens(STANDING, "")
    assert [(each.name, each.expires) for each in listed] == [("laptop", 0), ("phone", 0)]
    assert listed[0].digest == digest
    assert listed[0].created > 0
    aws_tokens.revoke(STANDING, digest, "")
    assert known.principal(token) is None
    assert known.principal(other) == "phone"


@pytest.mark.parametrize("name", ["", " a", "a\n", "ä", "x" * 65])
def test_names_of_tokens_are_fit_for_logs(name: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        aws_tokens.mint(STANDING, name, "")
    assert caught.value.problem.code == "bad_token_name"
