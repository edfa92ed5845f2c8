"""Fixtures of the emulator's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.dynamo_api import DynamoApi
from tests.aws.emulator.dynamo_table import TableSchema
from tests.aws.emulator.dynamodb import DynamoDB
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.loop_thread import LoopThread
from tests.aws.emulator.meter import Meter
from tests.aws.emulator.sigv4 import Keys

SCHEMA = TableSchema("hatchway", ("pk", "S"), ("sk", "S"), ttl="ttl")


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    thread.start()
    yield thread
    thread.stop()


@dataclass
class DynamoStage:
    """DynamoDB with its parts, and a boto3 client on it."""

    dynamodb: DynamoDB
    client: Any
    clock: Clock
    meter: Meter
    faults: Faults


@pytest.fixture
def dynamo(loop_thread: LoopThread) -> Iterator[DynamoStage]:
    clock, meter, faults = Clock(), Meter(), Faults()
    dynamodb = DynamoDB([SCHEMA], clock=clock, meter=meter, faults=faults, read_lag=(0, 0))
    server = DynamoApi(dynamodb, Keys()).server
    loop_thread.call(server.start())
    client = client_for("dynamodb", server.url)
    yield DynamoStage(dynamodb, client, clock, meter, faults)
    client.close()
    loop_thread.call(server.stop())


def client_for(service: str, url: str, secret: str = "testing", **config: Any) -> Any:
    """A boto3 client that does not retry."""
    session = boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key=secret)
    settings = Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=10, **config)
    return session.client(service, region_name="eu-central-1", endpoint_url=url, config=settings)


class Script:
    """A handler that does what a test tells it, and keeps its events. answer: value, or function of the event."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.answer: Any = {"statusCode": 200}

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        self.events.append(event)
        return self.answer(event) if callable(self.answer) else self.answer

    def kinds(self) -> list[str]:
        return [event["requestContext"].get("eventType", "HTTP") for event in self.events]


@dataclass
class CloudStage:
    cloud: Cloud
    script: Script


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[CloudStage]:
    """A cloud around a scripted handler; parametrize indirectly with a CloudConfig."""
    script = Script()
    cloud = Cloud(script, getattr(request, "param", CloudConfig()))
    cloud.start()
    yield CloudStage(cloud, script)
    cloud.stop()
