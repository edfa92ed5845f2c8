from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream
from app.ui.tunnel_header import TunnelHeader, facts, milliseconds
from app.viewmodels.tunnel_stats import Traffic

NOW = 10_000.0
URL = "http://127.0.0.1:4780/shop-k3x9qd/"
ONLINE = TunnelStatus(
    TunnelSpec("shop-k3x9qd", Upstream("http", "localhost", 3000)),
    TunnelState.ONLINE,
    TunnelUrls(URL),
    since=NOW - 7300,
)


@pytest.fixture
def header(qtbot: QtBot) -> TunnelHeader:
    menu = QMenu()
    qtbot.addWidget(menu)
    made = TunnelHeader(menu)
    qtbot.addWidget(made)
    made.resize(1100, 80)
    made.show()
    made.show_status(ONLINE, NOW)
    return made


def button(header: TunnelHeader, name: str) -> QPushButton:
    return next(found for found in header.findChildren(QPushButton) if found.accessibleName() == name)


def test_the_second_line_says_where_to_how_long_how_much_and_how_fast() -> None:
    traffic = Traffic(1204, False, 48.4, ())
    assert facts(ONLINE, traffic, NOW) == "→ http://localhost:3000 · up 2 h · 1\u202f204 requests · 48 ms median"
    assert facts(ONLINE, Traffic(1), NOW) == "→ http://localhost:3000 · up 2 h · 1 request"
    assert "500+ requests" in facts(ONLINE, Traffic(500, True), NOW)


def test_a_mode_is_named_unless_it_is_the_usual_one() -> None:
    spa = replace(ONLINE, spec=replace(ONLINE.spec, mode="spa"))
    assert facts(spa, Traffic(1), NOW).endswith("1 request · mode spa")
    assert "mode" not in facts(ONLINE, Traffic(1), NOW)


def test_in_mode_host_the_host_url_is_the_hero(header: TunnelHeader) -> None:
    urls = TunnelUrls(URL, "http://shop-k3x9qd.localhost:4780/")
    header.show_status(replace(ONLINE, urls=urls), NOW)
    assert header.url.shown_text() == URL
    header.show_status(replace(ONLINE, urls=urls, spec=replace(ONLINE.spec, mode="host")), NOW)
    assert header.url.shown_text() == urls.host


@pytest.mark.parametrize(("value", "words"), [(0.42, "0.4 ms"), (9.96, "10.0 ms"), (48.4, "48 ms"), (1300, "1.3 s")])
def test_milliseconds_keep_two_figures(value: float, words: str) -> None:
    assert milliseconds(value) == words


def test_the_url_is_the_hero_while_the_tunnel_runs(header: TunnelHeader) -> None:
    assert header.url.shown_text() == URL
    assert header.copy.isEnabled()


@pytest.mark.parametrize(("state", "shown"), [(TunnelState.STOPPED, "Paused"), (TunnelState.FAILED, "Not online")])
def test_a_url_that_leads_nowhere_is_not_offered(header: TunnelHeader, state: TunnelState, shown: str) -> None:
    header.show_status(replace(ONLINE, state=state), NOW)
    assert header.url.shown_text() == shown
    assert not header.copy.isEnabled()
    assert not button(header, "Open the public URL in the browser").isEnabled()
    assert header.toggle.accessibleName() == "Start tunnel shop-k3x9qd"


def test_pause_and_start_ask_for_the_other_state(header: TunnelHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.toggled) as asked:
        header.toggle.click()
    assert asked.args == [False]
    header.show_status(replace(ONLINE, state=TunnelState.STOPPED), NOW)
    with qtbot.waitSignal(header.toggled) as asked:
        header.toggle.click()
    assert asked.args == [True]


def test_open_opens_the_public_url(header: TunnelHeader, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    button(header, "Open the public URL in the browser").click()
    assert opened == [QUrl(URL).toString()]


@pytest.mark.parametrize("width", [520, 700, 1000, 1600])
def test_nothing_overlaps_at_any_width(header: TunnelHeader, width: int, qtbot: QtBot) -> None:
    header.resize(width, 80)
    qtbot.wait(1)
    parts = [header.url, *header.findChildren(QPushButton)]
    rectangles = sorted((part.geometry() for part in parts), key=lambda box: box.left())
    assert all(one.right() < other.left() for one, other in pairwise(rectangles))
    assert rectangles[-1].right() <= header.width()
    assert header.url.width() >= header.url.minimumSizeHint().width()


def test_words_give_way_before_the_url_does(header: TunnelHeader, qtbot: QtBot) -> None:
    name = next(part for part in header.findChildren(QLabel) if part.text() == "shop-k3x9qd")
    header.resize(1600, 80)
    qtbot.wait(1)
    assert name.isVisible()
    assert header.toggle.text() == "Pause"
    whole = header.url.sizeHint().width()
    for width in range(1600, 600, -20):
        header.resize(width, 80)
        qtbot.wait(1)
        if header.url.width() < whole:
            assert not name.isVisible()
            assert header.toggle.text() == ""
            return
    pytest.fail("the URL was never elided")
