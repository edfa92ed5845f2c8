"""Finds the exchange that an argument names."""

from __future__ import annotations

from app.cli.output import printable
from app.domain.exchange import Exchange
from app.domain.problems import fail
from app.engine.workspace import LiveWorkspace

LAST = "last"


async def find(workspace: LiveWorkspace, exchange_id: str) -> Exchange:
    """With its bodies; `last` is the newest. Raises HatchwayError `unknown_exchange`."""
    if exchange_id == LAST:
        found = await workspace.archive.last()
    else:
        found = await workspace.archive.get(exchange_id) if exchange_id.isascii() else None
    if found is None:
        what = "no exchange yet" if exchange_id == LAST else f"no exchange {printable(exchange_id)}"
        raise fail("unknown_exchange", f"There is {what}", "you", "See: hatchway requests")
    return found
