"""What a deployment costs, before it is made: by the formula of `app.domain.cost_model`, and AWS's list prices."""

from __future__ import annotations

from typing import Final

from app.domain.cost import EGRESS_GB, PRICED
from app.domain.cost_model import idle_month, per_million
from app.domain.deployment import CostEstimate, DeployOptions

# The traffic that is assumed: pages and API answers of a team that works through its tunnels.
_TUNNELS: Final = 5
_REQUESTS: Final = 100_000  # a month
_BODY: Final = 20_000  # bytes of an answer
_STORED: Final = 6_000  # what is left of it when text is deflated
_SERVICE_MS: Final = 50.0
_ALARMS: Final = {"http_api": 6, "function_url": 5}
_ALARM: Final = 0.10  # USD a month
_HTTP_API: Final = 1.00  # USD per million requests; a Function URL has no fee


def estimate(options: DeployOptions) -> CostEstimate:
    """For a month of ordinary work, free tiers left out."""
    requests = per_million(_STORED, _SERVICE_MS) - (_HTTP_API if options.front_door == "function_url" else 0.0)
    per_million_requests = requests + _BODY * 1_000_000 / 1e9 * EGRESS_GB
    alarms = _ALARMS[options.front_door]
    lines = (
        (f"{_TUNNELS} tunnels that are always connected", idle_month(_TUNNELS)),
        (f"{alarms} alarms", alarms * _ALARM),
        (f"{_REQUESTS:,} requests", per_million_requests * _REQUESTS / 1_000_000),
    )
    assumes = (
        f"{_REQUESTS:,} requests a month with answers of {_BODY // 1000} KB from a service that takes "
        f"{_SERVICE_MS:.0f} ms; {PRICED}, without free tiers"
    )
    return CostEstimate(sum(amount for _, amount in lines), per_million_requests, lines, assumes)
