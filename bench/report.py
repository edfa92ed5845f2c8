"""Results: one JSON object a line for machines, one table for people.

`python -m bench.report < results.jsonl` prints the tables of docs/performance.md.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure.

    value: the median of the rounds; low, high: the smallest and the largest of them
    ratio: to the same thing without Hatchway in the same round (median), None if there is no such thing
    budget: what issue or design demand, "" if nothing; met: whether the median keeps it
    """

    bench: str
    case: str
    metric: str
    unit: str
    value: float
    low: float
    high: float
    rounds: int
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None


def result(
    bench: str,
    case: str,
    metric: str,
    unit: str,
    values: Sequence[float],
    *,
    ratios: Sequence[float] = (),
    below: float | None = None,
    least: float | None = None,
) -> Result:
    """The medians of what the rounds gave, judged by a budget: `below` or at `least`."""
    value = statistics.median(values)
    budget, met = "", None
    if below is not None:
        budget, met = f"< {below:g} {unit}", value < below
    elif least is not None:
        budget, met = f">= {least:g} {unit}", value >= least
    ratio = statistics.median(ratios) if ratios else None
    return Result(bench, case, metric, unit, value, min(values), max(values), len(values), ratio, budget, met)


def print_json(results: Sequence[Result]) -> None:
    """One line each on stdout."""
    for each in results:
        print(json.dumps({key: _rounded(value) for key, value in asdict(each).items()}), flush=True)


def print_table(results: Sequence[Result]) -> None:
    """On stderr, so that stdout can go to a file."""
    head = ("case", "metric", "median", "range of rounds", "ratio", "budget", "")
    rows = [head, *(_cells(each) for each in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip(), file=sys.stderr)
        if number == 0:
            print("-" * (sum(widths) + 2 * len(widths) - 2), file=sys.stderr)


def print_markdown(results: Sequence[Result]) -> None:
    """One table for each benchmark."""
    for bench in dict.fromkeys(each.bench for each in results):
        print(f"\n### {bench}\n\n| case | figure | median | rounds | to direct | budget |\n|---|---|---|---|---|---|")
        for each in results:
            if each.bench == bench:
                _, metric, value, span, ratio, budget, met = _cells(each)
                print(f"| {each.case} | {metric} | {value} | {span} | {ratio and ratio + ' ×'} | {budget} {met} |")


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


def _cells(each: Result) -> tuple[str, ...]:
    return (
        f"{each.bench}: {each.case}",
        each.metric,
        f"{_short(each.value)} {each.unit}",
        f"{_short(each.low)} to {_short(each.high)}",
        "" if each.ratio is None else f"{each.ratio:.2f}",
        each.budget,
        "" if each.met is None else "ok" if each.met else "MISSED",
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    print_markdown([Result(**json.loads(line)) for line in sys.stdin])
