from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.problems import Problem
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.ui.banner import Banner

NOW = 1000.0
ONLINE = TunnelStatus(TunnelSpec("shop", Upstream("http", "localhost", 3000)), TunnelState.ONLINE)
LOST = Problem("lost", "The relay closed the connection", "relay", "Nothing is lost.")
TAKEN = Problem("name_taken", "The name belongs to somebody else", "relay", "Choose another.")


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    made = Banner()
    qtbot.addWidget(made)
    return made


def words(banner: Banner) -> list[str]:
    return [part.text() for part in banner.findChildren(QLabel) if not part.isHidden() and part.text()]


def buttons(banner: Banner) -> dict[str, QPushButton]:
    return {button.text(): button for button in banner.findChildren(QPushButton) if not button.isHidden()}


@pytest.mark.parametrize("state", [TunnelState.ONLINE, TunnelState.CONNECTING, TunnelState.STOPPED])
def test_states_that_need_no_words_show_no_banner(banner: Banner, state: TunnelState) -> None:
    banner.show_status(replace(ONLINE, state=state), NOW)
    assert banner.isHidden()


def test_reconnecting_counts_down_and_offers_to_retry(banner: Banner, qtbot: QtBot) -> None:
    banner.show_status(replace(ONLINE, state=TunnelState.RECONNECTING, retry_at=NOW + 8, problem=LOST), NOW)
    assert words(banner) == ["The relay closed the connection · relay", "Nothing is lost.", "Retrying in 8 s"]
    banner.tick(NOW + 3)
    assert "Retrying in 5 s" in words(banner)
    with qtbot.waitSignal(banner.retry):
        buttons(banner)["Retry now"].click()
    assert "Edit…" not in buttons(banner)


def test_failed_says_whose_side_and_offers_edit_and_another_try(banner: Banner, qtbot: QtBot) -> None:
    banner.show_status(replace(ONLINE, state=TunnelState.FAILED, problem=TAKEN), NOW)
    assert words(banner) == ["The name belongs to somebody else · relay", "Choose another."]
    with qtbot.waitSignal(banner.edit):
        buttons(banner)["Edit…"].click()
    with qtbot.waitSignal(banner.retry):
        buttons(banner)["Try again"].click()


def test_it_goes_when_the_tunnel_recovers(banner: Banner) -> None:
    banner.show_status(replace(ONLINE, state=TunnelState.FAILED, problem=TAKEN), NOW)
    assert not banner.isHidden()
    banner.show_status(ONLINE, NOW)
    assert banner.isHidden()
