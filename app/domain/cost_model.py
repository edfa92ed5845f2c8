"""What traffic on the AWS backend will cost, by formula: for estimates before anything is deployed."""

from __future__ import annotations

import math
from typing import Final

from app.domain.cost import HTTP_STEP, MEMORY_GB, READ_STEP, US_EAST_1, WRITE_STEP, WS_STEP, Prices

MESSAGE: Final = 90_000
"""Bytes of a body in one message, as base64."""

OVERHEAD_MS: Final = 45.0
"""Of the function beside the wait for the service."""

OVERHEAD_BLOB_MS: Final = 85.0
BLOB_MS: Final = 40_000
"""Bytes of a blob that the function reads in a millisecond."""

ROW: Final = 300
"""Bytes of a reply's row beside its body."""

_MONTH_MINUTES: Final = 30 * 24 * 60
_MILLION: Final = 1_000_000


def per_million(size: int, service_ms: float, prices: Prices = US_EAST_1) -> float:
    """Dollars for a million answers of so many bytes, as they are stored (deflated, where that helps), from a service
    that takes so long. The better of DynamoDB and S3; egress is not in it."""
    return _MILLION * min(_in_table(size, service_ms, prices), _in_bucket(size, service_ms, prices))


def idle_month(tunnels: int, prices: Prices = US_EAST_1) -> float:
    """Dollars for so many tunnels that are connected for 30 days and serve nobody."""
    return tunnels * _MONTH_MINUTES * prices.ws_minute


def _in_table(size: int, service_ms: float, prices: Prices) -> float:
    messages = max(1, math.ceil(size / MESSAGE))
    part = math.ceil(size / messages)
    row = part + ROW
    return _request(size, service_ms + OVERHEAD_MS + 15 * (messages - 1), prices) + messages * (
        math.ceil((math.ceil(part / 3) * 4 + 500) / WS_STEP) * prices.ws_message
        + math.ceil(row / WRITE_STEP) * prices.write_unit
        + math.ceil(row / READ_STEP) / 2 * prices.read_unit
    )


def _in_bucket(size: int, service_ms: float, prices: Prices) -> float:
    busy_ms = service_ms + OVERHEAD_BLOB_MS + size / BLOB_MS
    reply = prices.ws_message + prices.write_unit + prices.read_unit / 2
    return _request(size, busy_ms, prices) + reply + prices.s3_put + prices.s3_get


def _request(size: int, busy_ms: float, prices: Prices) -> float:
    """What is the same either way: front door, message to the agent, function, look-up of the tunnel."""
    front_door = max(1, math.ceil(size / HTTP_STEP)) * prices.http_step
    function = prices.call + busy_ms / 1000 * MEMORY_GB * prices.lambda_second
    return front_door + prices.ws_message + function + prices.read_unit / 2
