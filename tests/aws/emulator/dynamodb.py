"""DynamoDB's operations on tables in memory, with capacity units as AWS counts them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.dynamo_conditions import Condition
from tests.aws.emulator.dynamo_errors import (
    ConditionFailed,
    Denied,
    Internal,
    Item,
    NotFound,
    Throttling,
    UnknownOperation,
    Validation,
)
from tests.aws.emulator.dynamo_query import Query
from tests.aws.emulator.dynamo_table import Table, TableSchema
from tests.aws.emulator.dynamo_tokens import Path, Placeholders, Tokens
from tests.aws.emulator.dynamo_updates import Update
from tests.aws.emulator.dynamo_values import item_size
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.meter import Meter

Answer = dict[str, Any]


class DynamoDB:
    """tables by name; allowed: the operations that the caller's role may use (None: all that exist here)."""

    def __init__(
        self,
        schemas: Iterable[TableSchema],
        *,
        clock: Clock,
        meter: Meter,
        faults: Faults,
        read_lag: tuple[float, float] = (0.0, 0.01),
        ttl_lag: float = 48 * 3600,
        allowed: frozenset[str] | None = None,
    ) -> None:
        self.tables = {schema.name: Table(schema, clock, read_lag=read_lag, ttl_lag=ttl_lag) for schema in schemas}
        self._meter = meter
        self._faults = faults
        self._allowed = allowed
        self._operations: dict[str, Callable[[Table, Answer], Answer]] = {
            "GetItem": self._get,
            "PutItem": self._put,
            "UpdateItem": self._update,
            "DeleteItem": self._delete,
            "Query": self._query,
        }

    def call(self, operation: str, request: Answer, *, role: frozenset[str] | None = None) -> Answer:
        """Perform it. role: the allowed operations of another caller than the function. Raises DynamoError."""
        if operation != "BatchGetItem" and operation not in self._operations:
            raise UnknownOperation(f"{operation} is not part of this emulator")
        allowed = role if role is not None else self._allowed
        if allowed is not None and operation not in allowed:
            raise Denied(f"User: hatchway-lambda is not authorized to perform: dynamodb:{operation}")
        subject = f"{operation} {request.get('Key', request.get('Item', {}))}"
        if self._faults.strikes("table-throttled", subject):
            raise Throttling("Throughput exceeds the current capacity of your table or index")
        if self._faults.strikes("table-500", subject):
            raise Internal("Internal server error")
        if operation == "BatchGetItem":
            return self._batch_get(request)
        table = self._table(request)
        with table.lock:
            return self._operations[operation](table, request)

    def _table(self, request: Answer) -> Table:
        try:
            return self.tables[request["TableName"]]
        except KeyError:
            raise NotFound("Requested resource not found") from None

    def _get(self, table: Table, request: Answer) -> Answer:
        placeholders = _placeholders(request)
        projection = _projection(request, placeholders)
        placeholders.check_all_used()
        table.check_key(request["Key"])
        consistent = bool(request.get("ConsistentRead"))
        item = table.read(request["Key"], consistent=consistent)
        units = read_units(item_size(item) if item else 0, consistent=consistent)
        self._meter.add("read_units", units)
        answer: Answer = {} if item is None else {"Item": project(item, projection)}
        return _with_capacity(answer, request, units)

    def _batch_get(self, request: Answer) -> Answer:
        found: dict[str, list[Item]] = {}
        if sum(len(part["Keys"]) for part in request["RequestItems"].values()) > 100:
            raise Validation("Too many items requested for the BatchGetItem call")
        for name, part in request["RequestItems"].items():
            table = self._table({"TableName": name})
            answers = [self._get(table, {**part, "TableName": name, "Key": key}) for key in part["Keys"]]
            found[name] = [answer["Item"] for answer in answers if "Item" in answer]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _put(self, table: Table, request: Answer) -> Answer:
        item: Item = request["Item"]
        table.check_item(item)
        placeholders = _placeholders(request)
        condition = _condition(request, placeholders)
        placeholders.check_all_used()
        key = {name: item[name] for name in table.key_names}
        return self._change(table, request, key, condition, lambda old: item)

    def _delete(self, table: Table, request: Answer) -> Answer:
        table.check_key(request["Key"])
        placeholders = _placeholders(request)
        condition = _condition(request, placeholders)
        placeholders.check_all_used()
        return self._change(table, request, request["Key"], condition, lambda old: None)

    def _update(self, table: Table, request: Answer) -> Answer:
        key: Item = request["Key"]
        table.check_key(key)
        placeholders = _placeholders(request)
        condition = _condition(request, placeholders)
        update = Update(request["UpdateExpression"], placeholders) if "UpdateExpression" in request else None
        placeholders.check_all_used()
        paths = update.paths if update else []
        if changed := [path[0] for path in paths if path[0] in key]:
            raise Validation(
                f"One or more parameter values were invalid: Cannot update attribute {changed[0]}. "
                "This attribute is part of the key"
            )

        def change(old: Item | None) -> Item:
            new = update.apply(old or dict(key)) if update else (old or dict(key))
            table.check_item(new)
            return new

        return self._change(table, request, key, condition, change, paths)

    def _change(
        self,
        table: Table,
        request: Answer,
        key: Item,
        condition: Condition | None,
        change: Callable[[Item | None], Item | None],
        paths: Iterable[Path] = (),
    ) -> Answer:
        """The common part of all writes: condition, capacity, returned values."""
        old = table.read(key, consistent=True)
        if condition and not condition.holds(old or {}):
            # A refused write costs what a write of the present item would.
            self._meter.add("write_units", write_units(item_size(old) if old else 0))
            fields = {"Item": old} if old and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
            raise ConditionFailed("The conditional request failed", **fields)
        new = change(old)
        units = write_units(max(item_size(old) if old else 0, item_size(new) if new else 0))
        self._meter.add("write_units", units)
        table.write(key, new)
        answer: Answer = {}
        wanted = request.get("ReturnValues", "NONE")
        shown = old if wanted.endswith("_OLD") else new if wanted.endswith("_NEW") else None
        if shown:
            tops = {path[0] for path in paths}
            answer["Attributes"] = (
                shown if wanted.startswith("ALL") else {name: shown[name] for name in shown if name in tops}
            )
        return _with_capacity(answer, request, units)

    def _query(self, table: Table, request: Answer) -> Answer:
        placeholders = _placeholders(request)
        query = Query(table, request, placeholders)
        projection = _projection(request, placeholders)
        placeholders.check_all_used()
        consistent = bool(request.get("ConsistentRead"))
        page = query.run(consistent=consistent)
        units = read_units(page.size, consistent=consistent)
        self._meter.add("read_units", units)
        answer: Answer = {"Count": len(page.items), "ScannedCount": page.scanned}
        if request.get("Select") != "COUNT":
            answer["Items"] = [project(item, projection) for item in page.items]
        if page.last:
            answer["LastEvaluatedKey"] = page.last
        return _with_capacity(answer, request, units)


def read_units(size: int, *, consistent: bool) -> float:
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)


def write_units(size: int) -> float:
    return float(max(1, math.ceil(size / 1024)))


def project(item: Item, paths: list[Path] | None) -> Item:
    """The projected attributes; nested paths give their whole top-level attribute, which nobody here asks for."""
    if paths is None:
        return item
    tops = {path[0] for path in paths}
    return {name: value for name, value in item.items() if name in tops}


def _placeholders(request: Answer) -> Placeholders:
    return Placeholders(request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"))


def _condition(request: Answer, placeholders: Placeholders) -> Condition | None:
    expression = request.get("ConditionExpression")
    return Condition(expression, placeholders) if expression is not None else None


def _projection(request: Answer, placeholders: Placeholders) -> list[Path] | None:
    if "ProjectionExpression" not in request:
        return None
    tokens = Tokens(request["ProjectionExpression"], placeholders)
    paths = [tokens.path()]
    while tokens.take(","):
        paths.append(tokens.path())
    tokens.finish()
    return paths


def _with_capacity(answer: Answer, request: Answer, units: float) -> Answer:
    if request.get("ReturnConsumedCapacity", "NONE") != "NONE":
        answer["ConsumedCapacity"] = {"TableName": request.get("TableName"), "CapacityUnits": units}
    return answer
