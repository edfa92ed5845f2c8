"""In-process adapter of `TunnelStore`: a dict. Atomic because nothing in a method awaits."""

from __future__ import annotations

from collections import OrderedDict

from backend_lambda.core.ports import NameTaken, TunnelRecord
from backend_lambda.protocol.messages import TunnelOptions

_MOST_OFFLINE = 10_000  # names remembered for their owners while offline; the longest offline go first


class MemoryTunnelStore:
    """Tunnels of one relay process. Names of offline tunnels stay with their owners until the relay ends."""

    def __init__(self, most_offline: int = _MOST_OFFLINE) -> None:
        self._records: dict[str, TunnelRecord] = {}
        self._offline: OrderedDict[str, None] = OrderedDict()
        self._most_offline = most_offline

    async def claim(self, name: str, owner: str, connection_id: str, options: TunnelOptions) -> TunnelRecord:
        known = self._records.get(name)
        if known is not None and known.owner != owner:
            raise NameTaken(name)
        generation = 1 if known is None else known.generation + 1
        record = TunnelRecord(name, owner, generation, options, connection_id)
        self._records[name] = record
        self._offline.pop(name, None)
        previous = None if known is None else known.connection_id
        return TunnelRecord(name, owner, generation, options, connection_id, previous)

    async def renew(self, name: str, connection_id: str) -> bool:
        record = self._records.get(name)
        return record is not None and record.connection_id == connection_id

    async def release(self, name: str, connection_id: str, *, forget: bool) -> None:
        record = self._records.get(name)
        if record is None or record.connection_id != connection_id:
            return
        if forget:
            del self._records[name]
            return
        self._records[name] = TunnelRecord(name, record.owner, record.generation, record.options, None)
        self._offline[name] = None
        while len(self._offline) > self._most_offline:
            oldest, _ = self._offline.popitem(last=False)
            del self._records[oldest]

    async def look_up(self, name: str, *, fresh: bool = False) -> TunnelRecord | None:
        return self._records.get(name)
