"""Query: one partition, a range of it, in pages of at most 1 MB."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.aws.emulator.dynamo_conditions import Condition
from tests.aws.emulator.dynamo_errors import Item, Validation
from tests.aws.emulator.dynamo_table import Table
from tests.aws.emulator.dynamo_tokens import Placeholders
from tests.aws.emulator.dynamo_values import comparable, item_size

_PAGE = 1 << 20


@dataclass(slots=True)
class Page:
    """items: after the filter; scanned and size: before it (that is what costs). last: where the next page starts."""

    items: list[Item] = field(default_factory=list)
    scanned: int = 0
    size: int = 0
    last: Item | None = None


class Query:
    """A checked request. Raises Validation."""

    def __init__(self, table: Table, request: dict[str, Any], placeholders: Placeholders) -> None:
        self._table = table
        self._request = request
        if "IndexName" in request:
            raise Validation("The table does not have the specified index: " + request["IndexName"])
        self._key = Condition(request["KeyConditionExpression"], placeholders)
        filter_expression = request.get("FilterExpression")
        self._filter = Condition(filter_expression, placeholders) if filter_expression is not None else None
        hash_name = table.schema.hash[0]
        if (hash_name,) not in self._key.equalities:
            raise Validation(f"Query condition missed key schema element: {hash_name}")
        self._partition = self._key.equalities[hash_name,]
        keys = {(name,) for name in table.key_names}
        if self._key.paths - keys:
            raise Validation("Query key condition not supported")
        if self._filter and self._filter.paths & keys:
            raise Validation("Filter Expression can only contain non-primary key attributes")

    def run(self, *, consistent: bool) -> Page:
        items = self._table.partition(self._partition, consistent=consistent)
        if not self._request.get("ScanIndexForward", True):
            items.reverse()
        if start := self._request.get("ExclusiveStartKey"):
            items = self._after(items, start)
        page, limit = Page(), self._request.get("Limit")
        matching = [item for item in items if self._key.holds(item)]
        for index, item in enumerate(matching):
            page.scanned += 1
            page.size += item_size(item)
            if self._filter is None or self._filter.holds(item):
                page.items.append(item)
            full = page.scanned == limit or page.size > _PAGE
            # With a limit AWS names a last key even if nothing follows it.
            if full and (index + 1 < len(matching) or page.scanned == limit):
                page.last = {name: item[name] for name in self._table.key_names}
                break
        return page

    def _after(self, items: list[Item], start: Item) -> list[Item]:
        range_key = self._table.schema.range
        if range_key is None:
            return []
        edge = comparable(start[range_key[0]])
        forward = self._request.get("ScanIndexForward", True)
        kept = []
        for item in items:
            position = comparable(item[range_key[0]])
            assert position is not None
            assert edge is not None
            if position > edge if forward else position < edge:
                kept.append(item)
        return kept
