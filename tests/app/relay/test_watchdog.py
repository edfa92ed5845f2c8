"""When an agent's connection counts as dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from app.relay import watchdog
from app.relay.watchdog import Watchdog
from backend_lambda.protocol.limits import RELAY_LIMITS


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time the test moves."""

    def __init__(self) -> None:
        self.ahead = 0.0
        super().__init__()

    def time(self) -> float:
        return super().time() + self.ahead

    def pass_(self, seconds: float) -> None:
        """Let so many seconds pass, in steps that the watchdog looks at."""
        for _ in range(int(seconds / watchdog.LOOK_SECONDS)):
            self.ahead += watchdog.LOOK_SECONDS
            self.run_until_complete(asyncio.sleep(0.001))


@pytest.fixture
def clock() -> Iterator[Clock]:
    loop = Clock()
    yield loop
    loop.close()


def start(clock: Clock, *, greeted: bool) -> tuple[Watchdog, list[str]]:
    aborted: list[str] = []

    async def make() -> Watchdog:
        return Watchdog(lambda: aborted.append("aborted"), RELAY_LIMITS)

    dog = clock.run_until_complete(make())
    dog.greeted = greeted
    return dog, aborted


def test_a_connection_that_is_heard_of_stays(clock: Clock) -> None:
    dog, aborted = start(clock, greeted=True)
    for _ in range(20):
        clock.pass_(RELAY_LIMITS.ping / 1000)
        dog.hear()
        dog.send_ends(dog.send_begins())
    assert aborted == []
    dog.stop()


def test_silence_beyond_two_heartbeats_ends_it(clock: Clock) -> None:
    _, aborted = start(clock, greeted=True)
    clock.pass_(2 * RELAY_LIMITS.ping / 1000)
    assert aborted == []
    clock.pass_(watchdog.SILENCE_MARGIN_SECONDS + 2 * watchdog.LOOK_SECONDS)
    assert aborted == ["aborted"]


def test_a_message_that_is_not_taken_ends_it_although_others_are(clock: Clock) -> None:
    dog, aborted = start(clock, greeted=True)
    dog.send_begins()
    for _ in range(10):
        clock.pass_(watchdog.LOOK_SECONDS)
        dog.hear()
        dog.send_ends(dog.send_begins())
    assert aborted == ["aborted"]


def test_who_never_says_hello_is_not_kept_by_talking(clock: Clock) -> None:
    dog, aborted = start(clock, greeted=False)
    for _ in range(12):
        clock.pass_(watchdog.LOOK_SECONDS)
        dog.hear()
    assert aborted == ["aborted"]


def test_a_stopped_one_does_nothing(clock: Clock) -> None:
    dog, aborted = start(clock, greeted=False)
    dog.stop()
    clock.pass_(120)
    assert aborted == []
