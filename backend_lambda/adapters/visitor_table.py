"""What is known of visitors' WebSockets, in the same table as the tunnels.

`pk = w#<ticket>`, `sk = w`: what a page asked for, until its WebSocket comes. `pk = v#<visitor's connection>`,
`sk = v`: tunnel, agent's connection, opened. `pk = c#<agent's connection>`, `sk = v#<visitor's connection>`: so that
the visitors of an agent that has gone are found.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from backend_lambda.adapters.clients import code_of
from backend_lambda.core.ports import SocketTicket

_LIFE: Final = 3 * 3600  # seconds; the gateway ends every connection after two hours
_TICKET_LIFE: Final = 60
_REMEMBERED: Final = 1000  # visitors, by each environment
_FAILED: Final = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class VisitorRow:
    """agent: the connection that its messages go to, and theirs come from; opened: Unix time in seconds"""

    tunnel: str
    agent: str
    opened: int


class VisitorTable:
    """Also the `TicketStore`. client: of boto3; clock: Unix time in seconds."""

    def __init__(self, client: Any, table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        # A row never changes, so that those who remember it save the reading. One that is gone shows by a post.
        self._known: OrderedDict[str, VisitorRow] = OrderedDict()

    def issue(self, id: str, ticket: SocketTicket) -> bool:
        """False if there is one of that id."""
        item = {
            **_ticket_key(id),
            "ticket": {"S": json.dumps(asdict(ticket), separators=(",", ":"))},
            "ttl": {"N": str(int(self._clock()) + _TICKET_LIFE)},
        }
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except Exception as error:
            if code_of(error) == _FAILED:
                return False
            raise
        return True

    def redeem(self, id: str) -> SocketTicket | None:
        """The ticket, for the first who asks; None: there is none (yet), or not any more."""
        key = _ticket_key(id)
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None or int(item["ttl"]["N"]) < self._clock():
            return None
        try:
            self._client.delete_item(TableName=self._table, Key=key, ConditionExpression="attribute_exists(pk)")
        except Exception as error:
            if code_of(error) == _FAILED:
                return None
            raise
        fields = json.loads(item["ticket"]["S"])
        headers = [(name, value) for name, value in fields["headers"]]
        return SocketTicket(fields["target"], fields["host"], fields["client"], headers)

    def opened(self, connection_id: str, tunnel: str, agent: str) -> VisitorRow:
        """A visitor's connection is being opened for that agent's tunnel."""
        now = int(self._clock())
        ttl = {"ttl": {"N": str(now + _LIFE)}}
        item = {**_key(connection_id), "tunnel": {"S": tunnel}, "agent": {"S": agent}, "opened": {"N": str(now)}, **ttl}
        self._client.put_item(TableName=self._table, Item=item)
        self._client.put_item(TableName=self._table, Item={**_list_key(agent, connection_id), **ttl})
        return self._remember(connection_id, VisitorRow(tunnel, agent, now))

    def visitor(self, connection_id: str) -> VisitorRow | None:
        """None if it was never opened here, or has gone."""
        known = self._known.get(connection_id)
        if known is not None:
            return known
        item = self._client.get_item(TableName=self._table, Key=_key(connection_id), ConsistentRead=True).get("Item")
        if item is None or int(item["ttl"]["N"]) < self._clock():
            return None
        return self._remember(
            connection_id, VisitorRow(item["tunnel"]["S"], item["agent"]["S"], int(item["opened"]["N"]))
        )

    def reached(self, connection_id: str, row: VisitorRow) -> None:
        """It takes posts by now: remember it as no fresh one."""
        if row.opened:
            self._known[connection_id] = replace(row, opened=0)

    def age(self, row: VisitorRow) -> float:
        """Seconds since it was opened."""
        return self._clock() - row.opened

    def closed(self, connection_id: str, row: VisitorRow) -> None:
        """Fine if it is gone already."""
        self._known.pop(connection_id, None)
        self._client.delete_item(TableName=self._table, Key=_key(connection_id))
        self._client.delete_item(TableName=self._table, Key=_list_key(row.agent, connection_id))

    def visitors_of(self, agent: str) -> list[str]:
        """The connections of the visitors that are bridged to that agent's."""
        visitors: list[str] = []
        more: dict[str, Any] = {}
        while True:
            page = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :visitor)",
                ExpressionAttributeValues={":pk": {"S": f"c#{agent}"}, ":visitor": {"S": "v#"}},
                **more,
            )
            visitors += [item["sk"]["S"].removeprefix("v#") for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return visitors
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _remember(self, connection_id: str, row: VisitorRow) -> VisitorRow:
        self._known[connection_id] = row
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return row


def _key(connection_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"v#{connection_id}"}, "sk": {"S": "v"}}


def _list_key(agent: str, connection_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"c#{agent}"}, "sk": {"S": f"v#{connection_id}"}}


def _ticket_key(id: str) -> dict[str, Any]:
    return {"pk": {"S": f"w#{id}"}, "sk": {"S": "w"}}
