"""How the user has arranged the columns of the list, as a value and as text for the settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.viewmodels.exchange_columns import ALWAYS, OPTIONAL, Column

NARROWEST, WIDEST = 3.0, 200.0  # characters

_USUAL = frozenset(column for column in Column if column not in OPTIONAL)


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """wanted: columns that are shown where there is room; order: all columns, left to right
    widths: of those that the user has drawn wider or narrower, in characters, so that they fit any font
    """

    wanted: frozenset[Column] = _USUAL
    order: tuple[Column, ...] = tuple(Column)
    widths: Mapping[Column, float] = field(default_factory=dict)

    def with_column(self, column: Column, *, wanted: bool) -> ColumnChoice:
        return replace(self, wanted=self.wanted | {column} if wanted else self.wanted - {column})

    def with_width(self, column: Column, characters: float | None) -> ColumnChoice:
        """None: as wide as it is by itself."""
        widths = {other: width for other, width in self.widths.items() if other is not column}
        if characters is not None:
            widths[column] = min(max(characters, NARROWEST), WIDEST)
        return replace(self, widths=widths)


def to_text(choice: ColumnChoice) -> str:
    """JSON; columns by name, so that it survives new ones."""
    return json.dumps(
        {
            "wanted": [column.name for column in Column if column in choice.wanted],
            "order": [column.name for column in choice.order],
            "widths": {column.name: round(width, 2) for column, width in choice.widths.items()},
        }
    )


def from_text(text: str) -> ColumnChoice:
    """The inverse of `to_text`. What is not understood is as it is by default, and the text may be anything."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ColumnChoice()
    if not isinstance(found, dict):
        return ColumnChoice()
    choice = ColumnChoice(order=_order(_columns(found.get("order"))))
    if isinstance(found.get("wanted"), list):
        choice = replace(choice, wanted=frozenset((*ALWAYS, *_columns(found["wanted"]))))
    widths: dict[str, Any] = found["widths"] if isinstance(found.get("widths"), dict) else {}
    for column in _columns(widths):
        width = widths[column.name]
        if isinstance(width, int | float) and NARROWEST <= width <= WIDEST:
            choice = choice.with_width(column, float(width))
    return choice


def _columns(names: Any) -> list[Column]:
    """Those that there are, each once."""
    known = Column.__members__
    listed = names if isinstance(names, list | dict) else []
    return list(dict.fromkeys(known[name] for name in listed if isinstance(name, str) and name in known))


def _order(named: Iterable[Column]) -> tuple[Column, ...]:
    """The status stays the first; a column that is not named stands behind the one it follows by default."""
    order: list[Column] = [column for column in named if column != Column.STATUS]
    for column in Column:
        if column not in order:
            before = Column(column - 1) if column else None
            order.insert(0 if before is None else order.index(before) + 1, column)
    return tuple(order)
