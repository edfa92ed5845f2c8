"""The AWS clients: made once for each environment, when first needed, since each costs time at a cold start."""

from __future__ import annotations

from functools import cache
from typing import Any

from backend_lambda.adapters.settings import Settings

# Two attempts: a pooled connection may have died while the environment was frozen. A post may then arrive twice, which
# agents know by request ids and sequence numbers.
_PATIENCE = {"connect_timeout": 2, "read_timeout": 5, "tcp_keepalive": True}

_THROTTLED = frozenset(
    ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException")
)


@cache
def _client(service: str, region: str, endpoint: str | None) -> Any:
    import boto3
    from botocore.config import Config

    retries = {"total_max_attempts": 2, "mode": "standard"}
    return boto3.client(
        service, region_name=region, endpoint_url=endpoint, config=Config(retries=retries, **_PATIENCE)
    )  # fmt: skip


def dynamodb(settings: Settings) -> Any:
    """For the table."""
    return _client("dynamodb", settings.region, None)


def connections(settings: Settings) -> Any:
    """For posts to agents, by the address of the stage (a custom domain would need its mapping instead)."""
    return _client("apigatewaymanagementapi", settings.region, settings.callback_url)


def code_of(error: Exception) -> str:
    """AWS's name of a failure (`GoneException`, `ConditionalCheckFailedException` …); "" of anything else."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) and "Error" in response else ""


def is_throttled(error: Exception) -> bool:
    """Whether AWS refuses for now: the table grows, or the account is at its limit."""
    return code_of(error) in _THROTTLED
