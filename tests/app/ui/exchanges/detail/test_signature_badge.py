from __future__ import annotations

import pytest

from app.signatures.scheme import Signed
from app.signatures.slack import Slack
from app.ui.exchanges.pane import ExchangesPane
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

ARRIVED = 1_700_000_000


@pytest.mark.parametrize(
    ("secret", "age", "mark", "words"),
    [
        ("right", 10, "✓ Slack", "Slack signature: valid when it arrived"),
        ("wrong", 10, "✗ Slack", "Slack signature: does not fit the secret and body"),
        ("right", 900, "! Slack", "Slack signature: right, but too old when it arrived"),
        ("", 10, "? Slack", "Slack signature: not checked, the secret is not known (see the overview)"),
    ],
)
async def test_the_header_tells_what_a_signature_was_worth(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, secret: str, age: int, mark: str, words: str
) -> None:
    workspace.signing.secret = secret
    headers = Slack().sign(Signed("", (), b"a=1"), "right", ARRIVED - age)
    exchange = an_exchange("POST", "/hook", body=b"a=1", request_headers=headers, started_ns=ARRIVED * 10**9)
    workspace.finish(exchange)
    await until(lambda: pane.table.select(exchange.id))
    badge = pane.detail_panel.signature
    await until(badge.isVisible)
    assert (badge.text(), badge.toolTip(), badge.accessibleName()) == (mark, words, words)


async def test_it_follows_the_selection_and_a_secret_that_is_saved(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    headers = Slack().sign(Signed("", (), b""), "right", ARRIVED)
    signed = an_exchange("POST", "/hook", request_headers=headers, started_ns=ARRIVED * 10**9)
    plain = an_exchange("GET", "/", started_ns=ARRIVED * 10**9 + 1)
    for each in (signed, plain):
        workspace.finish(each)
    badge, card = pane.detail_panel.signature, pane.detail_panel.overview.signature
    await until(lambda: pane.table.select(signed.id))
    await until(lambda: badge.text() == "? Slack")
    await until(card.isVisible)
    card.secret.setText("right")
    card._save()
    await until(lambda: badge.text() == "✓ Slack")
    pane.table.select(plain.id)
    await until(badge.isHidden)
