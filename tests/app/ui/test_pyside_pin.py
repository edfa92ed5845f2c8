"""PySide6 6.12.0 loses references on CPython 3.11 and aborts the process; the pin must keep such a build out."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal

EMISSIONS = 20_000


class _Emitter(QObject):
    said = Signal(bool)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal from 3.12 on")
def test_emitting_signals_loses_no_references(qapp: QObject) -> None:
    emitter, heard = _Emitter(), []
    emitter.said.connect(lambda value: heard.append(value) if len(heard) < 1 else None)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(EMISSIONS):
        emitter.said.emit(True)
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert heard == [True]
    # Others may drop a few of theirs meanwhile; the fault drops one for every emission.
    assert after[0] > before[0] - EMISSIONS // 10
    assert after[1] > before[1] - EMISSIONS // 10
