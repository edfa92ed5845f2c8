"""Delays between attempts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from app.agent.reconnect import Backoff


@given(st.integers(0, 2**32), st.floats(0.01, 10), st.floats(1, 100), st.integers(1, 2000))
def test_every_delay_lies_below_a_ceiling_that_doubles(seed: int, first: float, most: float, failures: int) -> None:
    backoff = Backoff(first, most, random.Random(seed))
    for failure in range(failures):
        ceiling = min(most, first * 2 ** min(failure, 60))
        assert 0 <= backoff.next_delay() <= ceiling


@given(st.integers(0, 2**32))
def test_after_a_success_it_is_short_again(seed: int) -> None:
    backoff = Backoff(0.5, 30, random.Random(seed))
    for _ in range(20):
        backoff.next_delay()
    backoff.reset()
    assert backoff.next_delay() <= 0.5
    assert backoff.next_delay() <= 1


def test_delays_use_the_whole_range() -> None:
    """Full jitter: also near 0 and near the ceiling, and different for every agent."""
    delays = []
    for seed in range(2000):
        backoff = Backoff(1, 8, random.Random(seed))
        delays.append([backoff.next_delay() for _ in range(6)][-1])
    assert min(delays) < 0.5
    assert max(delays) > 7.5
    assert 3.6 < sum(delays) / len(delays) < 4.4


def test_two_installations_do_not_come_back_in_step() -> None:
    first, second = Backoff(), Backoff()
    assert [first.next_delay() for _ in range(5)] != [second.next_delay() for _ in range(5)]
