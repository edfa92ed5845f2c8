from __future__ import annotations

import time

import pytest

from app.signatures.scheme import Signed
from app.signatures.slack import Slack
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until


@pytest.mark.parametrize(
    ("age", "secret", "words"),
    [(0, "right", "Slack signature: valid"), (0, "wrong", "does not fit"), (900, "right", "15 min old")],
)
async def test_a_signature_is_judged_as_soon_as_the_secret_is_known(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, age: int, secret: str, words: str
) -> None:
    headers = Slack().sign(Signed("", (), b"a=1"), "right", time.time() - age)
    exchange = workspace.finish(an_exchange("POST", "/hook", body=b"a=1", request_headers=headers, started_ns=1))
    await until(lambda: pane.table.select(exchange.id))
    card = pane.detail_panel.overview.signature
    await until(lambda: "the secret is not known" in card.words.text())
    said: list[str] = []
    pane.status_message.connect(said.append)
    card.secret.setText(secret)
    card._save()
    await until(lambda: words in card.words.text())
    assert said == ["Secret saved in the keyring; replays are signed anew."]
    assert card.secret.text() == ""


async def test_other_requests_show_nothing_of_it(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    exchange = workspace.finish(an_exchange(started_ns=1))
    await until(lambda: pane.table.select(exchange.id))
    await until(lambda: pane.detail_panel.overview.signature._task is not None)
    assert pane.detail_panel.overview.signature.isHidden()
