"""`TunnelStore` in DynamoDB: one item a tunnel, changed only under conditions.

Item `pk = t#<name>`, `sk = t`: owner, generation, connection (none while offline), options (JSON), ttl. A look-up is
remembered for seconds; who finds the agent gone looks again (`fresh`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.patience import is_temporary, patiently
from backend_lambda.core.ports import NameTaken, Throttled, TunnelRecord
from backend_lambda.protocol.messages import TunnelOptions

_REMEMBERED: Final = 10.0  # seconds a look-up serves
_KEPT_DAYS: Final = 30  # an owner keeps the name after the last sign of life
_FAILED: Final = "ConditionalCheckFailedException"


class DynamoTunnelStore:
    """client: of boto3; clock: Unix time in seconds. DynamoDB deletes expired items days late: they count as absent."""

    def __init__(self, client: Any, table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._seen: dict[str, tuple[float, TunnelRecord | None]] = {}

    async def claim(self, name: str, owner: str, connection_id: str, options: TunnelOptions) -> TunnelRecord:
        now = int(self._clock())
        try:
            before = self._client.update_item(
                TableName=self._table,
                Key=_key(name),
                UpdateExpression=(
                    "SET #owner = :owner, generation = if_not_exists(generation, :none) + :one, "
                    "#connection = :connection, options = :options, #ttl = :ttl"
                ),
                ConditionExpression="attribute_not_exists(pk) OR #owner = :owner OR #ttl < :now",
                ExpressionAttributeNames={"#owner": "owner", "#connection": "connection", "#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":owner": {"S": owner},
                    ":none": {"N": "0"},
                    ":one": {"N": "1"},
                    ":connection": {"S": connection_id},
                    ":options": {"S": json.dumps(asdict(options))},
                    ":ttl": {"N": str(now + _KEPT_DAYS * 86400)},
                    ":now": {"N": str(now)},
                },
                ReturnValues="ALL_OLD",
            ).get("Attributes", {})
        except Exception as error:
            if code_of(error) == _FAILED:
                raise NameTaken(name) from None
            raise
        old = _record(name, before, now) if before else None
        generation = int(before["generation"]["N"]) + 1 if before else 1
        record = TunnelRecord(name, owner, generation, options, connection_id)
        self._seen[name] = (self._clock(), record)
        return replace(record, previous=old.connection_id if old is not None and old.owner == owner else None)

    async def renew(self, name: str, connection_id: str) -> bool:
        return self._change(
            name,
            connection_id,
            UpdateExpression="SET #ttl = :ttl",
            names={"#ttl": "ttl"},
            values={":ttl": {"N": str(int(self._clock()) + _KEPT_DAYS * 86400)}},
        )

    async def release(self, name: str, connection_id: str, *, forget: bool) -> None:
        self._seen.pop(name, None)
        if not forget:
            self._change(name, connection_id, UpdateExpression="REMOVE #connection", names={}, values={})
            return
        try:
            self._client.delete_item(TableName=self._table, Key=_key(name), **_held_by(connection_id))
        except Exception as error:
            if code_of(error) != _FAILED:
                raise

    async def look_up(self, name: str, *, fresh: bool = False) -> TunnelRecord | None:
        now = self._clock()
        known = self._seen.get(name)
        if known is not None and not fresh and now - known[0] < _REMEMBERED:
            return known[1]
        item = await self._read(name, consistent=fresh)
        if (item is None or "connection" not in item) and not fresh:
            # Perhaps its welcome has just been sent. Only requests for tunnels that are not there cost this.
            item = await self._read(name, consistent=True)
        record = _record(name, item, int(now)) if item else None
        if record is not None and record.connection_id is not None:
            self._seen[name] = (now, record)
        else:
            self._seen.pop(name, None)  # whoever starts a tunnel now shall not wait for a memory to fade
        return record

    async def _read(self, name: str, *, consistent: bool) -> dict[str, Any] | None:
        request = {"TableName": self._table, "Key": _key(name), "ConsistentRead": consistent}
        try:
            answer = await patiently(lambda: self._client.get_item(**request))
        except Exception as error:
            if is_temporary(error):
                raise Throttled(name) from None
            raise
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _change(
        self, name: str, connection_id: str, *, names: dict[str, str], values: dict[str, Any], **update: Any
    ) -> bool:
        held = _held_by(connection_id)
        held["ExpressionAttributeNames"] |= names
        held["ExpressionAttributeValues"] |= values
        try:
            self._client.update_item(TableName=self._table, Key=_key(name), **update, **held)
        except Exception as error:
            if code_of(error) == _FAILED:
                return False
            raise
        return True


def _key(name: str) -> dict[str, Any]:
    return {"pk": {"S": f"t#{name}"}, "sk": {"S": "t"}}


def _held_by(connection_id: str) -> dict[str, Any]:
    """Nothing happens unless that connection still holds the tunnel: a late disconnect cannot harm a newer one."""
    return {
        "ConditionExpression": "#connection = :connection",
        "ExpressionAttributeNames": {"#connection": "connection"},
        "ExpressionAttributeValues": {":connection": {"S": connection_id}},
    }


def _record(name: str, item: dict[str, Any], now: int) -> TunnelRecord | None:
    if int(item["ttl"]["N"]) < now:
        return None
    connection = item.get("connection")
    return TunnelRecord(
        name,
        item["owner"]["S"],
        int(item["generation"]["N"]),
        TunnelOptions(**json.loads(item["options"]["S"])),
        None if connection is None else connection["S"],
    )
