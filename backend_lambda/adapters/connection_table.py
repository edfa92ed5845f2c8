"""What is known of agents' connections and of the tokens that open them, in the same table as the tunnels.

`pk = c#<connection id>`, `sk = c`: principal, tunnel and generation once claimed, ttl. `pk = k#<SHA-256 of a token>`,
`sk = k`: name. `settings`, `public_url`: url. Rows of replies have a connection id alone as `pk`, which never holds a
`#`: no agent can write these.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.adapters.settings import NotConfigured

_LIFE: Final = 3 * 3600  # seconds; the gateway ends every connection after two hours


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """tunnel: None until the hello"""

    principal: str
    tunnel: str | None
    generation: int


class ConnectionTable:
    """client: of boto3; clock: Unix time in seconds."""

    def __init__(self, client: Any, table: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def principal(self, token: str) -> str | None:
        """Whom an opaque token proves; only its hash is stored. None: nobody, or it has expired."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        key = {"pk": {"S": f"k#{digest}"}, "sk": {"S": "k"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None or int(item.get("ttl", {}).get("N", "99999999999")) < self._clock():
            return None
        return str(item["name"]["S"])

    def public_url(self) -> str:
        """Where visitors come in. A function cannot have the address of its own URL in its environment, so Terraform
        writes it here. Raises NotConfigured."""
        key = {"pk": {"S": "settings"}, "sk": {"S": "public_url"}}
        item = self._client.get_item(TableName=self._table, Key=key).get("Item")
        if item is None:
            raise NotConfigured("The table has no row settings/public_url; deploy with the Terraform module.")
        return str(item["url"]["S"]).rstrip("/")

    def opened(self, connection_id: str, principal: str) -> None:
        """The token was good."""
        ttl = str(int(self._clock()) + _LIFE)
        item = {**_key(connection_id), "principal": {"S": principal}, "ttl": {"N": ttl}}
        self._client.put_item(TableName=self._table, Item=item)

    def claimed(self, connection_id: str, tunnel: str, generation: int) -> None:
        """The connection has the tunnel."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(connection_id),
            UpdateExpression="SET tunnel = :tunnel, generation = :generation",
            ExpressionAttributeValues={":tunnel": {"S": tunnel}, ":generation": {"N": str(generation)}},
        )

    def read(self, connection_id: str) -> ConnectionRow | None:
        """None if it was never opened here, or has expired."""
        item = self._client.get_item(TableName=self._table, Key=_key(connection_id), ConsistentRead=True).get("Item")
        if item is None or int(item["ttl"]["N"]) < self._clock():
            return None
        tunnel = item.get("tunnel")
        generation = int(item.get("generation", {}).get("N", "1"))
        return ConnectionRow(item["principal"]["S"], None if tunnel is None else tunnel["S"], generation)

    def closed(self, connection_id: str) -> None:
        """Fine if it is gone already."""
        self._client.delete_item(TableName=self._table, Key=_key(connection_id))


def _key(connection_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"c#{connection_id}"}, "sk": {"S": "c"}}
