"""One table: items with their recent past, so that an eventually consistent read can see an older state."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.dynamo_errors import Item, Validation
from tests.aws.emulator.dynamo_values import ITEM_LIMIT, check, comparable, item_size

_TTL_PAST = 5 * 365 * 86_400  # AWS leaves alone what has been expired for longer than five years


@dataclass(frozen=True, slots=True)
class TableSchema:
    """hash and range: (name, type S, N or B). ttl: the attribute, None if TTL is off."""

    name: str
    hash: tuple[str, str]
    range: tuple[str, str] | None = None
    ttl: str | None = None


@dataclass(slots=True)
class _Record:
    """Newest first: (when it became so, the item or None). `when` is real monotonic time."""

    states: list[tuple[float, Item | None]] = field(default_factory=list)


class Table:
    """read_lag: (shortest, longest) seconds by which an eventually consistent read is behind, drawn per read.
    ttl_lag: seconds after which an expired item is really deleted; AWS promises "a few days".

    Every method may be called from any thread; `lock` makes several calls one.
    """

    def __init__(self, schema: TableSchema, clock: Clock, *, read_lag: tuple[float, float], ttl_lag: float) -> None:
        self.schema = schema
        self.read_lag = read_lag
        self.ttl_lag = ttl_lag
        self.lock = threading.RLock()
        self._clock = clock
        self._random = random.Random(1)
        self._partitions: dict[Any, dict[Any, _Record]] = {}

    @property
    def key_names(self) -> list[str]:
        return [self.schema.hash[0], *([self.schema.range[0]] if self.schema.range else [])]

    def check_key(self, key: Item) -> None:
        """Raises Validation unless it is exactly a key of this table."""
        if set(key) != set(self.key_names):
            raise Validation("The provided key element does not match the schema")
        self._check_key_values(key)

    def check_item(self, item: Item) -> None:
        """Raises Validation for what cannot be stored."""
        for value in item.values():
            check(value)
        for name in self.key_names:
            if name not in item:
                raise Validation(f"One or more parameter values were invalid: Missing the key {name} in the item")
        self._check_key_values(item)
        if item_size(item) > ITEM_LIMIT:
            raise Validation("Item size has exceeded the maximum allowed size")

    def _check_key_values(self, item: Item) -> None:
        for name, kind in (self.schema.hash, *([self.schema.range] if self.schema.range else [])):
            check(item[name])
            if kind not in item[name]:
                raise Validation(
                    f"One or more parameter values were invalid: Type mismatch for key {name} expected: {kind} "
                    f"actual: {next(iter(item[name]))}"
                )
            if item[name][kind] == "":
                raise Validation(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                    f"contain an empty string value. Key: {name}"
                )

    def read(self, key: Item, *, consistent: bool) -> Item | None:
        """The item; an eventually consistent read may give what was there a moment ago."""
        with self.lock:
            record = self._partitions.get(self._hash(key), {}).get(self._range(key))
            return self._state(record, 0 if consistent else self._lag()) if record else None

    def write(self, key: Item, item: Item | None) -> None:
        """Put the item, or delete it (None)."""
        with self.lock:
            record = self._partitions.setdefault(self._hash(key), {}).setdefault(self._range(key), _Record())
            now = time.monotonic()
            record.states.insert(0, (now, item))
            # One state older than any lag stays: it is what such a read sees.
            old = [index for index, (when, _) in enumerate(record.states) if when < now - self.read_lag[1]]
            if old:
                del record.states[old[0] + 1 :]

    def partition(self, hash_value: dict[str, Any], *, consistent: bool) -> list[Item]:
        """All items of the partition, in the order of the range key."""
        with self.lock:
            lag = 0 if consistent else self._lag()
            records = self._partitions.get(comparable(hash_value), {})
            found = [self._state(record, lag) for _, record in sorted(records.items())]
            return [item for item in found if item is not None]

    def items(self) -> list[Item]:
        """Everything there is now."""
        with self.lock:
            records = [record for partition in self._partitions.values() for record in partition.values()]
            return [item for record in records if (item := record.states[0][1]) is not None]

    def sweep(self) -> int:
        """Delete what TTL deletes by now, free of charge; returns how many items."""
        name, now, deleted = self.schema.ttl, self._clock.now(), 0
        if name is None:
            return 0
        with self.lock:
            for item in self.items():
                value = item.get(name, {})
                if "N" in value and now - _TTL_PAST < float(value["N"]) < now - self.ttl_lag:
                    self.write({key: item[key] for key in self.key_names}, None)
                    deleted += 1
        return deleted

    def _lag(self) -> float:
        return self._random.uniform(*self.read_lag)

    def _state(self, record: _Record, lag: float) -> Item | None:
        moment = time.monotonic() - lag
        return next((item for when, item in record.states if when <= moment), None)

    def _hash(self, key: Item) -> Any:
        return comparable(key[self.schema.hash[0]])

    def _range(self, key: Item) -> Any:
        return comparable(key[self.schema.range[0]]) if self.schema.range else None
