"""Which layers run for a request, and what the pages of its tunnel have shown so far."""

from __future__ import annotations

from collections import OrderedDict

from backend_lambda.core.ports import TunnelRecord
from backend_lambda.rewrite.modes import Layers, layers_of
from backend_lambda.rewrite.policy import ResponsePlan

_MOST_REMEMBERED = 10_000
_ON_OWN_HOST = layers_of("host", is_spa=False)


class PageMemory:
    """In mode `auto` a tunnel is that of a single-page app from the moment one of its pages shows it. And what a module
    of a worker imports belongs to that worker, which browsers do not tell (J2).

    Remembered by this process alone: another one finds out by itself, with the first page.
    """

    def __init__(self) -> None:
        self._spas = _Remembered()  # (tunnel, upstream)
        self._workers = _Remembered()  # (tunnel, path of a script)

    def layers(self, record: TunnelRecord, prefix: str) -> Layers:
        """The layers for a request that came by this prefix, "" on a host of its own."""
        if not prefix:
            return _ON_OWN_HOST
        options = record.options
        return layers_of(options.mode, is_spa=(record.name, options.upstream) in self._spas)

    def learn(self, record: TunnelRecord, plan: ResponsePlan) -> None:
        """Take note of what an answer has shown."""
        if plan.is_spa:
            self._spas.add((record.name, record.options.upstream))
        if plan.kind == "worker":
            self._workers.add((record.name, plan.path))

    def is_of_worker(self, name: str, path: str) -> bool:
        """Whether that script has been loaded into a worker. path: in the app's view"""
        return (name, path) in self._workers


class _Remembered:
    """A bounded set; what was added longest ago is forgotten first."""

    def __init__(self) -> None:
        self._items: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __contains__(self, item: tuple[str, str]) -> bool:
        return item in self._items

    def add(self, item: tuple[str, str]) -> None:
        self._items[item] = None
        self._items.move_to_end(item)
        if len(self._items) > _MOST_REMEMBERED:
            self._items.popitem(last=False)
