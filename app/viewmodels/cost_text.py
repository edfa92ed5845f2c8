"""What a tunnel on AWS costs, in words and columns."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.cost import EGRESS_GB, PRICED, Cost, CostLine, cost, dollars
from app.domain.usage import UsageReport
from app.viewmodels.tunnel_text import grouped

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class CostRow:
    """amount: in 30 days; today, month, start: dollars, empty where there are none; counted: False if estimated"""

    service: str
    amount: str
    today: str
    month: str
    start: str
    counted: bool = True


def cost_line(report: UsageReport) -> str:
    """`$0.0031 today · $0.41 in 30 days`."""
    return f"{dollars(cost(report.today).dollars)} today · {dollars(cost(report.month).dollars)} in 30 days"


def cost_rows(report: UsageReport) -> list[CostRow]:
    """Service by service, and the sum."""
    today, month, start = (cost(usage) for usage in (report.today, report.month, report.start))
    rows = [
        CostRow(
            line.service,
            f"{_amount(line.amount)} {line.unit}",
            _of_line(today, line),
            _exact(line.dollars),
            _of_line(start, line),
            line.counted,
        )
        for line in month.lines
    ]
    requests = report.month.requests
    amount = f"{grouped(requests)} {'request' if requests == 1 else 'requests'}"
    sums = _exact(today.dollars), _exact(month.dollars), _exact(start.dollars)
    return [*rows, CostRow("Together", amount, sums[0], sums[1], sums[2])]


def cost_notes(report: UsageReport) -> str:
    """What is exact, what is not, and what is missing."""
    parts = ["≈ is estimated from how long your service took; everything else is counted."]
    if report.month.requests:
        mean = cost(report.month).dollars / report.month.requests * _MILLION
        parts.append(f"A million requests like these cost about {dollars(mean)}.")
    parts.append(
        f"Prices of {PRICED}, without free tiers. Not included: what leaves AWS for your visitors (${EGRESS_GB} a GB), "
        "logs, and requests that did not reach this computer."
    )
    return " ".join(parts)


def _exact(value: float) -> str:
    """Four decimals below a dollar, so that a column reads as one."""
    return f"${value:.4f}" if 0.00005 <= value < 1 else dollars(value)


def _of_line(part: Cost, line: CostLine) -> str:
    same = [other.dollars for other in part.lines if (other.service, other.unit) == (line.service, line.unit)]
    return _exact(same[0]) if same else ""


def _amount(value: float) -> str:
    """Whole numbers in groups, others with one decimal, small ones with two figures."""
    if value == int(value):
        return grouped(int(value))
    if value >= 100:
        return grouped(round(value))
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"
