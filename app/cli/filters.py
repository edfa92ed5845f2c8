"""A filter as an argument: mistakes are shown with a caret below them."""

from __future__ import annotations

from app.cli.output import Output, printable
from app.domain.problems import Problem
from app.filter.filter import Filter, parse
from app.filter.parser import FilterError


def read_filter(text: str, output: Output) -> Filter | None:
    """The filter; None after its mistakes have been told."""
    try:
        return parse(text)
    except FilterError as error:
        first = error.problems[0]
        output.event({
            "event": "error", "code": "bad_filter", "title": first.message, "side": "you",
            "hint": "See: docs/filters.md", "start": first.start, "end": first.end,
        })  # fmt: skip
        output.aside(Problem("bad_filter", f"The filter is wrong: {first.message}", "you"))
        shown = printable(text)
        if shown == text:  # else the columns would not fit
            output.aside(f"  {text}")
            output.aside(f"  {' ' * first.start}{'^' * max(1, first.end - first.start)}")
        return None
