from __future__ import annotations

import weakref

from pytestqt.qtbot import QtBot

from app.viewmodels.slow_release import SlowRelease


class Thing:
    pass


def test_everything_goes_but_not_at_once(qtbot: QtBot) -> None:
    release = SlowRelease()
    things = [Thing() for _ in range(2_500)]
    alive = [weakref.ref(thing) for thing in things]
    release.take(things)
    things.clear()
    release._release()
    assert sum(each() is not None for each in alive) == 1_500
    qtbot.waitUntil(lambda: not any(each() for each in alive))
    assert release.held == 0
    assert not release._timer.isActive()


def test_nothing_to_release_costs_nothing(qtbot: QtBot) -> None:
    release = SlowRelease()
    release.take([])
    assert not release._timer.isActive()
