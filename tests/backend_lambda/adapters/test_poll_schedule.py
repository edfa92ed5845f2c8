"""When the function looks for a reply: soon enough for quick answers, seldom enough for slow ones."""

from __future__ import annotations

import pytest

from backend_lambda.adapters.polling import PollSchedule

_GATEWAY = 0.015  # seconds that the way there and back takes


def looks(schedule: PollSchedule, service: float) -> tuple[int, float]:
    """(looks until an answer of that service time is found, seconds lost)."""
    ready = service + _GATEWAY
    at, count, pauses = schedule.first(), 1, schedule.pauses()
    while at < ready:
        at += next(pauses)
        count += 1
    schedule.learn(at, count == 1)
    return count, at - ready


@pytest.mark.parametrize("service", [0.001, 0.005, 0.05, 0.2, 0.5, 3.0])
def test_a_steady_service_costs_about_one_look(service: float) -> None:
    schedule = PollSchedule()
    found = [looks(schedule, service) for _ in range(40)][10:]
    assert sum(count for count, _ in found) / len(found) <= 2
    assert sum(lost for _, lost in found) / len(found) <= 0.03


def test_one_slow_answer_delays_the_next_ones_a_little_only() -> None:
    schedule = PollSchedule()
    for _ in range(10):
        looks(schedule, 0.005)
    looks(schedule, 2.0)
    assert sum([looks(schedule, 0.005)[1] for _ in range(5)]) <= 0.8


def test_a_service_that_has_become_slow_is_known_after_some_answers() -> None:
    schedule = PollSchedule()
    for _ in range(10):
        looks(schedule, 0.005)
    for _ in range(4):
        looks(schedule, 0.5)
    assert looks(schedule, 0.5)[0] <= 3
