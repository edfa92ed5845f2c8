"""How long opening a large body holds up the loop of the window, whole (“Load all”) and offscreen."""

from __future__ import annotations

import asyncio
import json
import os
import time

from bench.report import Result, result, say

_BUDGET = 50.0  # ms
_PROBE = 0.002  # seconds


def run(rounds: int, seconds: float) -> list[Result]:
    """Each body is opened `rounds` times; `seconds` is not used: opening takes as long as it takes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    lags: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, data in _bodies().items():
            lag = asyncio.run(_open(data))
            lags.setdefault(name, []).append(lag)
            say(f"inspector_bodies: {name:24} longest turn of the loop {lag:5.1f} ms")
    return [
        result("inspector_bodies", name, "longest turn of the loop", "ms", values, below=_BUDGET)
        for name, values in lags.items()
    ]


def _bodies() -> dict[str, bytes]:
    item = {"id": 123456, "name": "Zürich 北京", "tags": ["a", "b"], "price": 12.5, "text": "x" * 80}
    one = json.dumps(item, ensure_ascii=False).encode()
    items = b"[" + b",".join([one] * (20_000_000 // (len(one) + 1))) + b"]"
    return {"20 MB JSON": items, "5 MB single line": b"0123456789" * 500_000}


async def _open(data: bytes) -> float:
    from PySide6.QtWidgets import QApplication, QPushButton

    from app.domain.exchange import Body
    from app.ui.exchanges.detail.body_view import BodyPanel

    app = QApplication.instance() or QApplication([])
    panel = BodyPanel()
    panel.resize(560, 700)
    panel.show()
    app.processEvents()
    kind = "application/json" if data.startswith(b"[") else "text/plain"
    panel.show_body(Body(data, limit=len(data)), kind, None, "body", "1")
    worst = await _until_idle(app, panel)
    load_all = next(button for button in panel.findChildren(QPushButton) if button.isVisible())
    load_all.click()
    worst = max(worst, await _until_idle(app, panel))
    panel.hide()
    panel.deleteLater()
    return worst


async def _until_idle(app: object, panel: object) -> float:
    """The longest time, in ms, that one turn of Qt's and asyncio's loop took beyond the pause between two."""
    worst = 0.0
    while True:
        started = time.perf_counter()
        await asyncio.sleep(_PROBE)
        app.processEvents()  # type: ignore[attr-defined]
        worst = max(worst, (time.perf_counter() - started - _PROBE) * 1e3)
        if not panel.busy:  # type: ignore[attr-defined]
            return worst
