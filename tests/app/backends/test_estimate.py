from __future__ import annotations

import pytest

from app.backends.estimate import estimate
from app.domain.deployment import DeployOptions


def test_the_lines_are_the_sum() -> None:
    cost = estimate(DeployOptions())
    assert cost.monthly == pytest.approx(sum(amount for _, amount in cost.lines))
    assert all(amount > 0 for _, amount in cost.lines)
    assert "100,000 requests" in cost.assumes


def test_a_function_url_saves_the_fee_of_the_api() -> None:
    usual, lean = estimate(DeployOptions()), estimate(DeployOptions(front_door="function_url"))
    assert usual.per_million - lean.per_million == pytest.approx(1.00)


def test_it_is_near_the_fact_sheet() -> None:
    """$9.95 for 20 KB through S3, $5.21 through the table, and $1.84 for the way to visitors."""
    assert 5.21 + 1.8 < estimate(DeployOptions()).per_million < 9.95 + 1.9
