"""Filters that find exchanges like a given one."""

from __future__ import annotations

from app.domain.exchange import Exchange
from app.filter.completion import quoted
from app.filter.match import host_of
from app.viewmodels.exchange_cells import readable


def similar_conditions(exchange: Exchange) -> list[str]:
    """Conditions of the filter language that this exchange meets, the most useful first."""
    found = [f"path:{quoted(readable(exchange.path))}", f"method:{exchange.method}"]
    if exchange.status is not None:
        found += [f"status:{exchange.status}", f"status:{exchange.status // 100}xx"]
    media = (exchange.response_header("content-type") or "").partition(";")[0].strip().lower()
    if media:
        found.append(f"type:{quoted(media)}")
    if host := host_of(exchange):
        found.append(f"host:{quoted(host)}")
    found.append(f"tunnel:{quoted(exchange.tunnel)}")
    if exchange.visitor:
        found.append(f"visitor:{quoted(exchange.visitor)}")
    if exchange.replay_of:
        found.append(f"replay-of:{exchange.replay_of}")
    return found
