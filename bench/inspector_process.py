"""`python -m bench.inspector_process`: the real window with 50 000 recorded requests, all of them scrolled through,
then 500 new ones a second, with and without a filter. JSON lines on stdout, as `bench.window_process`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil
from PySide6.QtCore import QObject, SignalInstance

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.engine.paths import user_paths
from app.engine.workspace import open_workspace
from app.filter.filter import EVERYTHING, Filter, parse
from app.ui.exchanges.pane import ExchangesPane
from app.ui.start import run_window
from bench.window_process import lags, shown, tell

_RATE = 500
_BURST = 5  # requests that come at once, every 10 ms
_FILTERS = ("status:5xx", "duration:>900ms -method:get", "path:/api/zz", "body:nothingatall")
_LIVE = {"no filter": EVERYTHING, "filter status:200": parse("status:200"), "filter body:item": parse("body:item")}


def main() -> int:
    """Run the window until the probe ends it; argument: seconds for each measurement."""
    seconds = float(sys.argv[1])

    @asynccontextmanager
    async def observed() -> AsyncIterator[Workspace]:
        async with open_workspace(user_paths(), remember=True) as workspace:
            probe = spawn(_probe(workspace, workspace._publish, seconds), name="bench probe")
            try:
                yield workspace
            finally:
                probe.cancel()

    return run_window(observed)


async def _probe(workspace: Workspace, publish: Callable[[Event], None], seconds: float) -> None:
    try:
        pane = (await shown()).findChild(ExchangesPane)
        assert pane is not None
        pane.show_tunnel(None)
        tell("scrolled", rows=await _scroll_through(pane), memory=psutil.Process().memory_info().rss / 1e6)
        times = {text: await _change(pane, parse(text)) for text in _FILTERS}
        times["no filter"] = await _change(pane, EVERYTHING)
        tell("filtered", times=times)
        for name, wanted in _LIVE.items():
            if wanted.active:
                await _change(pane, wanted)
            await _scroll_through(pane)
            model = pane.table.model()
            rows = 0

            def count(_: object, first: int, last: int) -> None:
                nonlocal rows
                rows += last - first + 1

            model.rowsInserted.connect(count)
            cpu = time.process_time()
            traffic = spawn(_arrive(publish), name="bench traffic")
            late = await lags(seconds)
            traffic.cancel()
            tell(
                "loaded",
                case=name,
                lags=late,
                memory=psutil.Process().memory_info().rss / 1e6,
                **{
                    "rows/s": rows / seconds,
                    "CPU": (time.process_time() - cpu) / seconds * 100,
                    "captures dropped": workspace.archive.dropped,
                },
            )
            model.rowsInserted.disconnect(count)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


async def _scroll_through(pane: ExchangesPane) -> int:
    """To the oldest row and back; returns how many rows there are."""
    model, bar = pane.table.model(), pane.table.verticalScrollBar()
    quiet = 0
    while quiet < 50:
        before = model.rowCount()
        bar.setValue(bar.maximum())
        await asyncio.sleep(0.005)
        quiet = 0 if model.rowCount() > before else quiet + 1
    pane.table.go_to_newest()
    await asyncio.sleep(0.5)
    return model.rowCount()


async def _change(pane: ExchangesPane, wanted: Filter) -> float:
    """Milliseconds from the end of typing until the rows are those of the filter."""
    began = time.perf_counter()
    done = _next(pane, pane.table.model().modelReset)
    pane.toolbar.filter_changed.emit(wanted)
    await done
    return (time.perf_counter() - began) * 1e3


def _next(owner: QObject, wanted: SignalInstance) -> asyncio.Future[None]:
    done = asyncio.get_running_loop().create_future()

    def on_signal() -> None:
        wanted.disconnect(on_signal)
        done.set_result(None)

    wanted.connect(on_signal)
    return done


async def _arrive(publish: Callable[[Event], None]) -> None:
    number = 0
    due = time.perf_counter()
    while True:
        begun = [_request(number + offset) for offset in range(_BURST)]
        number += _BURST
        for exchange in begun:
            publish(ExchangeStarted(exchange))
        for exchange in begun:
            _answer(exchange)
            publish(ExchangeResponded(exchange))
            exchange.finished_ns = time.time_ns()
            exchange.state = ExchangeState.DONE
            publish(ExchangeFinished(exchange))
        due += _BURST / _RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


def _request(number: int) -> Exchange:
    headers = tuple((f"x-header-{name}", f"value {number}") for name in range(10))
    return Exchange("shop", "t1", "POST", f"/api/orders/{number}?page=2", "http://localhost:3000", headers)


def _answer(exchange: Exchange) -> None:
    exchange.status, exchange.reason = 200, "OK"
    exchange.response_headers = (("content-type", "application/json"), ("content-length", "2000"))
    exchange.response_body = Body(b'{"item": "' + exchange.id.encode() * 160 + b'"}')


if __name__ == "__main__":
    raise SystemExit(main())
