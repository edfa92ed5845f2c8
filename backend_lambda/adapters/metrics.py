"""Metrics as log lines (CloudWatch's embedded metric format): no call, no wait, no right that the function would need.

The dashboard of infra/terraform reads them. Neither paths nor addresses nor names of tunnels are in them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.adapters.clients import take_counts
from backend_lambda.core.model import header
from backend_lambda.protocol.errors import FAILURES
from backend_lambda.protocol.messages import Headers

NAMESPACE: Final = "Hatchway"
_UNITS: Final = {
    "WaitMilliseconds": "Milliseconds",
    "ColdStartMilliseconds": "Milliseconds",
    "RequestBytes": "Bytes",
    "ResponseBytes": "Bytes",
}
_cold_start: float | None = None  # seconds, until a line has told


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


def note_cold_start() -> None:
    """A new environment is ready: its first request tells how long that took, from the start of the process on."""
    global _cold_start
    with open("/proc/self/stat", encoding="utf-8") as file:
        begun = int(file.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    _cold_start = time.clock_gettime(time.CLOCK_BOOTTIME) - begun


def emit(deployment: str, tally: Tally, *, request_bytes: int, response_bytes: int, side: str | None) -> None:
    """Write the metrics of one visitor's request."""
    global _cold_start
    values: dict[str, float] = {
        "Requests": 1,
        "Polls": tally.polls,
        "RequestBytes": request_bytes,
        "ResponseBytes": response_bytes,
    }
    if tally.wait is not None:
        values["WaitMilliseconds"] = round(tally.wait * 1000, 1)
    if _cold_start is not None:
        values["ColdStartMilliseconds"], _cold_start = round(_cold_start * 1000), None
    # Each metric is paid for by the hours in which it is written, so what is rare is left out.
    counts = take_counts()
    values |= {name: count for name, count in (("Throttles", counts.throttles), ("BlobCalls", counts.blobs)) if count}
    line, directives = {"Deployment": deployment, **values}, [_directive(["Deployment"], list(values))]
    if side is not None:
        line |= {"Side": side, "Errors": 1}
        directives.append(_directive(["Deployment", "Side"], ["Errors"]))
    _write(line, directives)


def emit_socket(deployment: str) -> None:
    """Write that a visitor's WebSocket has been opened."""
    _write({"Deployment": deployment, "Sockets": 1}, [_directive(["Deployment"], ["Sockets"])])


def emit_refusal(deployment: str, side: str) -> None:
    """Write that an agent, or a visitor's WebSocket, was not let in, and whose fault that is."""
    line = {"Deployment": deployment, "Side": side, "ConnectErrors": 1}
    _write(line, [_directive(["Deployment", "Side"], ["ConnectErrors"])])


def _directive(dimensions: list[str], names: list[str]) -> dict[str, Any]:
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in names]
    return {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics}


def _write(line: dict[str, Any], directives: list[dict[str, Any]]) -> None:
    line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
