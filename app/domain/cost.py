"""What `Usage` costs, in US dollars. Left out: free tiers, taxes, what visitors' answers cost on their way (egress),
logs, and requests that no agent saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.domain.usage import Usage

HTTP_STEP: Final = 512 * 1024
WS_STEP: Final = 32 * 1024
WRITE_STEP: Final = 1024
READ_STEP: Final = 4096
MEMORY_GB: Final = 0.5
"""Of the function, as the Terraform module has it."""

PRICED: Final = "us-east-1, November 2026"
EGRESS_GB: Final = 0.09

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for one of each; lambda_second: of one GB of memory"""

    http_step: float
    ws_message: float
    ws_minute: float
    write_unit: float
    read_unit: float
    s3_put: float
    s3_get: float
    call: float
    lambda_second: float


US_EAST_1: Final = Prices(
    http_step=1.00 / _MILLION,
    ws_message=1.00 / _MILLION,
    ws_minute=0.25 / _MILLION,
    write_unit=0.625 / _MILLION,
    read_unit=0.125 / _MILLION,
    s3_put=5.00 / _MILLION,
    s3_get=0.40 / _MILLION,
    call=0.20 / _MILLION,
    lambda_second=0.0000133334,
)
"""On demand, arm64. Those of DynamoDB are from a secondary source: check AWS's price pages before you quote these."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """amount: how many of `unit`; counted: False if estimated"""

    service: str
    amount: float
    unit: str
    dollars: float
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Cost:
    """Lines are in the order of a request's way; those of nothing are left out."""

    lines: tuple[CostLine, ...]

    @property
    def dollars(self) -> float:
        return sum(line.dollars for line in self.lines)


def cost(usage: Usage, prices: Prices = US_EAST_1) -> Cost:
    """What all that costs, service by service."""
    gb_seconds = usage.busy_ms / 1000 * MEMORY_GB
    minutes = usage.connected_ms / 60_000
    units = usage.reads / 2
    lines = (
        CostLine("HTTP API", usage.http_steps, "requests of 512 KB", usage.http_steps * prices.http_step),
        CostLine("WebSocket API", usage.ws_messages, "messages of 32 KB", usage.ws_messages * prices.ws_message),
        CostLine("WebSocket API", minutes, "minutes connected", minutes * prices.ws_minute),
        CostLine("Lambda", usage.calls, "calls", usage.calls * prices.call),
        CostLine("Lambda", gb_seconds, "GB-seconds", gb_seconds * prices.lambda_second, counted=False),
        CostLine("DynamoDB", usage.write_units, "write units", usage.write_units * prices.write_unit),
        CostLine("DynamoDB", units, "read units", units * prices.read_unit, counted=False),
        CostLine("S3", usage.s3_puts, "uploads", usage.s3_puts * prices.s3_put),
        CostLine("S3", usage.s3_gets, "downloads", usage.s3_gets * prices.s3_get),
    )
    return Cost(tuple(line for line in lines if line.amount))


def dollars(value: float) -> str:
    """`$12.30`, `$0.41`, and four decimals below a cent; digits in groups of three with a narrow no-break space."""
    if value <= 0:
        return "$0"
    if value < 0.00005:
        return "< $0.0001"
    return f"${value:.4f}" if value < 0.00995 else f"${value:,.2f}".replace(",", "\u202f")
