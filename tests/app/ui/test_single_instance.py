from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.single_instance import claim

pytestmark = pytest.mark.gui


def test_the_second_start_calls_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first = claim(tmp_path)
    assert first is not None
    with qtbot.waitSignal(first.called, timeout=5000):
        assert claim(tmp_path) is None
    first.close()


def test_other_configurations_have_windows_of_their_own(qtbot: QtBot, tmp_path: Path) -> None:
    first, other = claim(tmp_path / "a"), claim(tmp_path / "b")
    assert first is not None
    assert other is not None
    first.close()
    other.close()


def test_the_next_start_after_the_end_has_a_window_again(qtbot: QtBot, tmp_path: Path) -> None:
    first = claim(tmp_path)
    assert first is not None
    first.close()
    again = claim(tmp_path)
    assert again is not None
    again.close()
