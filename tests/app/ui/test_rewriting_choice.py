from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.ui.rewriting_choice import RewritingChoice
from app.viewmodels.mode_text import MODES, mode_explanation
from backend_lambda.protocol.messages import Mode

SPEC = TunnelSpec("shop", Upstream("http", "localhost", 3000))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("oauth", [False, True])
def test_what_is_set_is_shown_and_comes_back(qtbot: QtBot, mode: Mode, oauth: bool) -> None:
    choice = RewritingChoice(replace(SPEC, mode=mode, rewrite_oauth=oauth))
    qtbot.addWidget(choice)
    assert choice.apply_to(SPEC) == replace(SPEC, mode=mode, rewrite_oauth=oauth)
    assert choice.explanation.text() == mode_explanation(mode)


def test_the_explanation_follows_the_choice(qtbot: QtBot) -> None:
    choice = RewritingChoice(SPEC)
    qtbot.addWidget(choice)
    for number, mode in enumerate(MODES):
        choice.mode.setCurrentIndex(number)
        assert choice.explanation.text() == mode_explanation(mode)
        assert choice.mode.accessibleDescription() == mode_explanation(mode)
        assert choice.apply_to(SPEC).mode == mode


def test_the_hint_opens_a_page_that_knows_every_mode(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    choice = RewritingChoice(SPEC)
    qtbot.addWidget(choice)
    choice.more.click()
    (page,) = opened
    text = Path(page).read_text(encoding="utf-8")
    assert all(f"| `{mode}`" in text for mode in MODES)
