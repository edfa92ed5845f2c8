"""What one million tunnelled requests may cost, by formula: sizes in bytes, times in milliseconds, us-east-1."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.aws.emulator.meter import PRICES

_CHUNK = 97_854  # raw bytes that fit into one message as base64
_SECOND = 0.5 * PRICES["lambda_gb_seconds"] * 1_000_000  # of waiting at 512 MB


def naive(body: int, service_ms: float) -> float:
    """The usual design: a pending row, a second invocation for each message of the reply, base64 as text, strong
    reads, rows deleted."""
    messages, encoded = _messages(body), _encoded(body)
    wait, polls = _fixed_polls(service_ms + 40)
    return (
        math.ceil(body / 524_288)
        + messages * math.ceil(encoded / 32_768)
        + 1
        + 0.20 * (1 + messages)
        + _SECOND * (35 + wait + 12 * messages) / 1000
        + 0.625 * (1 + 2 * messages * math.ceil(encoded / 1024))
        + 0.125 * (0.5 + (polls - 1) + messages * math.ceil(encoded / 4096))
    )


def lean(body: int, service_ms: float, *, time: bool = True) -> float:
    """Ours with the answer in DynamoDB. time: with the seconds that the function waits, which a busy test machine
    cannot measure fairly."""
    messages = _messages(body)
    stored = math.ceil(body / messages) + 300
    waited = _SECOND * (service_ms + 45 + 15 * (messages - 1)) / 1000 if time else 0.0
    return (
        math.ceil(body / 524_288)
        + messages * math.ceil(_encoded(body) / 32_768)
        + 1
        + 0.20
        + waited
        + 0.625 * messages * math.ceil(stored / 1024)
        + 0.125 * (0.5 + 0.5 * messages * math.ceil(stored / 4096))
    )


def lean_s3(body: int, service_ms: float, *, time: bool = True) -> float:
    """Ours with the answer in S3."""
    waited = _SECOND * (service_ms + 85 + body / 40_000) / 1000 if time else 0.0
    return math.ceil(body / 524_288) + 2 + 0.20 + waited + 0.625 + 0.125 + 5.40


def best(body: int, service_ms: float, *, time: bool = True) -> float:
    """The cheaper of the two; which one that is depends on the time too."""
    in_table = lean(body, service_ms) <= lean_s3(body, service_ms)
    return (lean if in_table else lean_s3)(body, service_ms, time=time)


def _messages(body: int) -> int:
    return math.ceil(body / _CHUNK)


def _encoded(body: int) -> int:
    return math.ceil(math.ceil(body / _messages(body)) / 3) * 4 + 500


def _fixed_polls(until: float) -> tuple[float, int]:
    def pauses() -> Iterator[int]:
        yield from (50, 100, 200, 400)
        while True:
            yield 500

    waited, polls = 0, 0
    for pause in pauses():
        if waited >= until:
            break
        waited, polls = waited + pause, polls + 1
    return waited, polls
