"""Chromium's own log of its network: also what shared workers, service workers and the browser itself ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BEGIN = 1


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """One request that left the browser's renderers. kind: "main frame", "subframe" or "other"."""

    method: str
    url: str
    kind: str


def arguments(log: Path) -> list[str]:
    """What to start Chromium with so that it writes that file; it is complete when the browser has been closed."""
    return [f"--log-net-log={log}"]


def requests(log: Path) -> list[NetworkRequest]:
    """All requests in the file, WebSockets and each step of a redirect included."""
    content: dict[str, Any] = json.loads(log.read_bytes())
    started = content["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return [
        NetworkRequest(details["method"], details["url"], details["request_type"])
        for event in content["events"]
        if event["type"] == started and event["phase"] == _BEGIN and "url" in (details := event.get("params", {}))
    ]
