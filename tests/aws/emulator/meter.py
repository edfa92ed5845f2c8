"""Billable units and what they cost."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

_MILLION = 1_000_000
# us-east-1, USD, November 2026, per unit; free tiers are ignored.
PRICES: Mapping[str, float] = {
    "http_requests": 1.00 / _MILLION,  # per 512 KB started, the larger of request and answer
    "ws_messages": 1.00 / _MILLION,  # per 32 KB started, either direction, posts included
    "ws_minutes": 0.25 / _MILLION,
    "lambda_requests": 0.20 / _MILLION,
    "lambda_gb_seconds": 0.0000133334,  # arm64; the start of an environment is billed too
    "write_units": 0.625 / _MILLION,
    "read_units": 0.125 / _MILLION,
    "s3_puts": 5.00 / _MILLION,
    "s3_gets": 0.40 / _MILLION,
    "egress_gb": 0.09,
}
# Counted to be looked at; they cost nothing by themselves.
FREE = ("callback_posts", "function_url_requests", "lambda_errors", "lambda_cold_starts", "polls")


@dataclass(frozen=True, slots=True)
class Bill:
    """Units by name; `PRICES` lists the priced ones."""

    units: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return self.units.get(name, 0.0)

    def __sub__(self, earlier: Bill) -> Bill:
        return Bill({name: self[name] - earlier[name] for name in self.units})

    def dollars(self, *, without: tuple[str, ...] = ()) -> float:
        return sum(amount * PRICES.get(name, 0.0) for name, amount in self.units.items() if name not in without)

    def per_million(self, requests: int, *, without: tuple[str, ...] = ()) -> float:
        """Dollars for a million such requests, if `requests` of them made this bill."""
        return self.dollars(without=without) / requests * _MILLION


class Meter:
    """Counts; thread-safe."""

    def __init__(self) -> None:
        self._units: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, name: str, amount: float = 1.0) -> None:
        if name not in PRICES and name not in FREE:
            raise ValueError(f"no such unit: {name}")
        with self._lock:
            self._units[name] = self._units.get(name, 0.0) + amount

    def message(self, size: int) -> None:
        """A WebSocket message of `size` bytes, in or out."""
        self.add("ws_messages", max(1, math.ceil(size / 32_768)))

    def http(self, request: int, answer: int) -> None:
        """A request of the HTTP API; sizes in bytes, heads included."""
        self.add("http_requests", max(1, math.ceil(max(request, answer) / 524_288)))

    def egress(self, size: int) -> None:
        self.add("egress_gb", size / 1e9)

    def bill(self) -> Bill:
        with self._lock:
            return Bill(dict(self._units))
