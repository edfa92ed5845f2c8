"""The AWS clients: made once for each environment, when first needed, since each costs time at a cold start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from backend_lambda.adapters.settings import Settings

# Two attempts: a pooled connection may have died while the environment was frozen.
_PATIENCE: dict[str, Any] = {
    "retries": {"total_max_attempts": 2, "mode": "standard"},
    "connect_timeout": 2,
    "read_timeout": 5,
    "tcp_keepalive": True,
}

_THROTTLED = frozenset(
    ("ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException",
     "TooManyRequestsException", "SlowDown")
)  # fmt: skip


# Checksums beside the signature would make each body go in chunks, for what TLS does already.
_OF_SERVICE: dict[str, dict[str, Any]] = {
    "apigatewaymanagementapi": {"retries": {"total_max_attempts": 1}},  # posting.py must know of each
    "s3": {
        "signature_version": "s3v4",
        "s3": {"addressing_style": "virtual"},
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    },
}


@dataclass(slots=True)
class CallCounts:
    """Since they were last taken. throttles: answers that told us to slow down, also those that a repetition mended;
    blobs: calls of S3"""

    throttles: int = 0
    blobs: int = 0


_counts = CallCounts()


def take_counts() -> CallCounts:
    """What has happened since the last time; for the metrics."""
    global _counts
    taken, _counts = _counts, CallCounts()
    return taken


@cache
def _session() -> Any:
    """boto3's foundation: boto3 itself would add a tenth to a cold start, and nothing that is used here."""
    import botocore.session

    return botocore.session.get_session()


@cache
def _client(service: str, region: str, endpoint: str | None) -> Any:
    from botocore.config import Config

    config = Config(**(_PATIENCE | _OF_SERVICE.get(service, {})))
    client = _session().create_client(service, region_name=region, endpoint_url=endpoint, config=config)
    # botocore asks this after each attempt, before it decides whether to make another.
    client.meta.events.register("needs-retry", _count)
    return client


def _count(event_name: str, response: Any, **rest: Any) -> None:
    """response: (HTTP response, its content), None if there was none."""
    del rest
    _counts.blobs += event_name.startswith("needs-retry.s3.")
    content = response[1] if response is not None else {}
    _counts.throttles += content.get("Error", {}).get("Code") in _THROTTLED


def dynamodb(settings: Settings) -> Any:
    """For the table."""
    return _client("dynamodb", settings.region, None)


def connections(settings: Settings) -> Any:
    """For posts to agents, by the address of the stage (a custom domain would need its mapping instead)."""
    return _client("apigatewaymanagementapi", settings.region, settings.callback_url)


def parameters(settings: Settings) -> Any:
    """For the key of HS256, where a deployment has one."""
    return _client("ssm", settings.region, None)


def bodies(settings: Settings) -> Any:
    """For bodies that are too large for messages."""
    return _client("s3", settings.region, settings.s3_endpoint or None)


def credentials() -> Any:
    """Those of the function, as they are now."""
    return _session().get_credentials().get_frozen_credentials()


def code_of(error: Exception) -> str:
    """AWS's name of a failure (`GoneException`, `ConditionalCheckFailedException` …); "" of anything else."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) and "Error" in response else ""


def is_throttled(error: Exception) -> bool:
    """Whether AWS refuses for now: the table grows, or the account is at its limit."""
    return code_of(error) in _THROTTLED
