"""A signed webhook from its arrival through a real tunnel to the editor, ten minutes later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import keyring
import pytest
from pytestqt.qtbot import QtBot

from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.domain.verdict import Verdict
from app.engine.paths import user_paths
from app.engine.signing import LiveSigning
from app.engine.workspace import open_workspace
from app.filter.filter import parse
from app.signatures.scheme import Signed
from app.signatures.stripe import Stripe
from app.ui.exchanges.detail.replay_editor import ReplayEditor
from app.viewmodels.replay_draft import ReplayDraft
from tests.app.engine.live import Listener, Opened
from tests.app.engine.memory_keyring import MemoryKeyring
from tests.app.engine.test_signing import SECRET, VerifyingApp
from tests.app.ui.conftest import Until
from tests.e2e_cli.processes import free_port

BODY = b'{"id": "evt_1", "type": "charge.succeeded"}'


@pytest.fixture
async def verifying(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VerifyingApp]:
    """Accepts only what is signed and not older than five minutes; Hatchway's clock is that of the app."""
    ring, verifying = MemoryKeyring(), VerifyingApp()
    monkeypatch.setattr(keyring, "get_password", ring.get_password)
    monkeypatch.setattr(keyring, "set_password", ring.set_password)
    monkeypatch.setattr("app.engine.workspace.LiveSigning", lambda: LiveSigning(lambda: verifying.now))
    async with await asyncio.start_server(verifying.serve, "127.0.0.1", 0) as server:
        verifying.port = server.sockets[0].getsockname()[1]
        yield verifying


async def test_it_is_refused_as_captured_and_accepted_signed_anew_also_when_edited(
    verifying: VerifyingApp, qtbot: QtBot, until: Until
) -> None:
    paths, heard = user_paths(), Listener()
    paths.settings_file.write_text(f"relay_port = {free_port()}\n")
    async with open_workspace(paths, remember=True, listener=heard) as workspace:
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", verifying.port))
        await workspace.add_tunnel(spec)
        opened = Opened(workspace, heard)
        url = await opened.online(spec)
        headers = dict(Stripe().sign(Signed("", (), BODY), SECRET, verifying.now))
        captured = await opened.recorded(f"{url}hook", method="POST", content=BODY, headers=headers)
        assert captured.status == 200
        editor = ReplayEditor(workspace)
        qtbot.addWidget(editor)
        editor.show()
        editor.open(ReplayDraft(captured))
        await until(lambda: "the secret is not known" in editor.signature.words.text())
        editor.signature.secret.setText(SECRET)
        editor.signature._save()
        await until(lambda: editor.resign.isVisible())

        async def answer() -> tuple[int | None, Verdict | None]:
            count = len(await workspace.archive.replays_of(captured.id))
            editor.send()
            await until(lambda: editor.attempts.list.count() == count + 1)
            last = (await workspace.archive.replays_of(captured.id))[-1]
            return last.status, last.verdict

        verifying.now += 600
        editor.resign.setChecked(False)
        assert await answer() == (400, Verdict.REGRESSED)
        editor.resign.setChecked(True)
        assert await answer() == (200, Verdict.SAME)
        editor.form.body.text_edit.setPlainText('{"id": "evt_2", "edited": "später"}')
        assert await answer() == (200, Verdict.SAME)
        editor.resign.setChecked(False)
        assert await answer() == (400, Verdict.REGRESSED)
        arrived = await workspace.archive.page(10, where=parse("sig:valid sig:stripe"))
        assert captured.id in [exchange.id for exchange in arrived]
        assert await workspace.archive.count(where=parse("sig:invalid")) == 1, "edited, with the captured signature"
