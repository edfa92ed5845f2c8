"""The rows that the list shows, and which neighbours come and go together. No Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from app.viewmodels.exchange_ring import Key, row_key
from app.viewmodels.exchange_row import ExchangeRow


class VisibleRows:
    """Oldest first, so that arriving requests are appended; the table shows them the other way round."""

    def __init__(self) -> None:
        self.rows: list[ExchangeRow] = []

    def __len__(self) -> int:
        return len(self.rows)

    def position(self, row: ExchangeRow) -> int | None:
        """Where it is, None if it is not shown."""
        position = bisect_left(self.rows, row.key, key=row_key)
        found = position < len(self.rows) and self.rows[position] is row
        return position if found else None

    def up_to(self, key: Key) -> int:
        """How many rows are not newer than `key`."""
        return bisect_right(self.rows, key, key=row_key)

    def gaps(self, rows: Sequence[ExchangeRow]) -> Iterator[tuple[int, Sequence[ExchangeRow]]]:
        """Where each of the sorted new rows belongs: (position, rows that go there together), the last one first, so
        that inserting at once does not move the others."""
        end = len(rows)
        while end > 0:
            position = bisect_left(self.rows, rows[end - 1].key, key=row_key)
            begin = end - 1
            while begin > 0 and (position == 0 or rows[begin - 1].key > self.rows[position - 1].key):
                begin -= 1
            yield position, rows[begin:end]
            end = begin

    def runs(self, rows: Iterable[ExchangeRow]) -> list[tuple[int, int]]:
        """The shown ones of these as (first, behind the last) of neighbours, the last run first."""
        found = sorted(position for row in rows if (position := self.position(row)) is not None)
        runs: list[tuple[int, int]] = []
        for position in found:
            if runs and runs[-1][1] == position:
                runs[-1] = runs[-1][0], position + 1
            else:
                runs.append((position, position + 1))
        runs.reverse()
        return runs
