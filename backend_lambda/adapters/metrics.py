"""Metrics as log lines (CloudWatch's embedded metric format): no call, no wait, no right that the function would need.

The dashboard of infra/terraform reads them. Neither paths nor addresses nor names of tunnels are in them.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.core.model import header
from backend_lambda.protocol.errors import FAILURES
from backend_lambda.protocol.messages import Headers

NAMESPACE: Final = "Hatchway"


@dataclass(slots=True)
class Tally:
    """What one request has taken. polls: looks into the table; wait: seconds from the post to the agent until its
    answer was found, None if none was"""

    polls: int = 0
    wait: float | None = None


def side_of(headers: Headers) -> str | None:
    """Whose failure an answer of ours tells of; None for any other answer."""
    failure = FAILURES.get(header(headers, "x-hatchway-error") or "")
    return None if failure is None else failure.side


def emit(deployment: str, tally: Tally, *, request_bytes: int, response_bytes: int, side: str | None) -> None:
    """Write the metrics of one visitor's request."""
    values: dict[str, float] = {
        "Requests": 1,
        "Polls": tally.polls,
        "RequestBytes": request_bytes,
        "ResponseBytes": response_bytes,
    }
    if tally.wait is not None:
        values["WaitMilliseconds"] = round(tally.wait * 1000, 1)
    units = {"WaitMilliseconds": "Milliseconds", "RequestBytes": "Bytes", "ResponseBytes": "Bytes"}
    directives: list[dict[str, Any]] = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["Deployment"]],
            "Metrics": [{"Name": name, "Unit": units.get(name, "Count")} for name in values],
        }
    ]
    line: dict[str, Any] = {"Deployment": deployment, **values}
    if side is not None:
        line |= {"Side": side, "Errors": 1}
        directives.append(
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["Deployment", "Side"]],
                "Metrics": [{"Name": "Errors", "Unit": "Count"}],
            }
        )
    line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
