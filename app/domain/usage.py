"""What one tunnel has used of an AWS account: plain counters, from which `app.domain.cost` makes dollars."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Self


@dataclass(slots=True)
class Usage:
    """Only ever added to. The agent sees the first group itself; the second is estimated from what it sees.

    requests: visitors' requests that reached the agent
    http_steps: of the HTTP API, 512 KB started, the larger of request and answer
    ws_messages: of the WebSocket API, 32 KB started, either direction
    connected_ms: of all connections together
    write_units: of the table, 1 KB started
    s3_puts, s3_gets: bodies that went through the bucket
    calls: of the function, for requests, connections and agents' messages

    busy_ms: time of the function
    reads: of the table, eventually consistent, 4 KB started: half a read unit each
    """

    requests: int = 0
    http_steps: int = 0
    ws_messages: int = 0
    connected_ms: int = 0
    write_units: int = 0
    s3_puts: int = 0
    s3_gets: int = 0
    calls: int = 0
    busy_ms: int = 0
    reads: int = 0

    def add(self, other: Usage) -> None:
        """Count the other's as well."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def take(self) -> Usage:
        """What has been counted so far; counting begins anew."""
        taken = Usage(*(getattr(self, name) for name in _NAMES))
        for name in _NAMES:
            setattr(self, name, 0)
        return taken

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in _NAMES)

    def to_dict(self) -> dict[str, int]:
        """The counters by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, counters: dict[str, Any]) -> Self:
        """The reverse; other versions' counters, and what is no count, are left out."""
        return cls(**{name: value for name in _NAMES if type(value := counters.get(name)) is int and value >= 0})


_NAMES = tuple(each.name for each in fields(Usage))


@dataclass(frozen=True, slots=True)
class UsageOfDay:
    """tunnel: its name at the time; day: of this computer's calendar"""

    tunnel_id: str
    tunnel: str
    day: date
    usage: Usage


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Of one tunnel. today, month: this day and the last 30 of this computer's calendar; start: since this Hatchway
    started"""

    today: Usage = field(default_factory=Usage)
    month: Usage = field(default_factory=Usage)
    start: Usage = field(default_factory=Usage)

    def __bool__(self) -> bool:
        """Whether the tunnel has used anything of an account lately."""
        return bool(self.month)
