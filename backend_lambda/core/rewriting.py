"""Which layers run for a request, and what the pages of its tunnel have shown so far."""

from __future__ import annotations

from collections import OrderedDict

from backend_lambda.core.ports import TunnelRecord
from backend_lambda.rewrite.modes import Layers, layers_of
from backend_lambda.rewrite.policy import ResponsePlan

_MOST_REMEMBERED = 10_000
_ON_OWN_HOST = layers_of("host", is_spa=False)


class PageMemory:
    """In mode `auto` a tunnel is that of a single-page app from the moment one of its pages shows it.

    Remembered by this process alone: another one finds out by itself, with the first page.
    """

    def __init__(self) -> None:
        self._spas: OrderedDict[tuple[str, str], None] = OrderedDict()  # (tunnel, upstream), the last one learnt last

    def layers(self, record: TunnelRecord, prefix: str) -> Layers:
        """The layers for a request that came by this prefix, "" on a host of its own."""
        if not prefix:
            return _ON_OWN_HOST
        options = record.options
        return layers_of(options.mode, is_spa=(record.name, options.upstream) in self._spas)

    def learn(self, record: TunnelRecord, plan: ResponsePlan) -> None:
        """Take note of what a page has shown."""
        if plan.is_spa:
            self._spas[record.name, record.options.upstream] = None
            self._spas.move_to_end((record.name, record.options.upstream))
            if len(self._spas) > _MOST_REMEMBERED:
                self._spas.popitem(last=False)
