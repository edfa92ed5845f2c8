from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.domain.backend import BackendProfile
from app.domain.problems import fail
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.ui.loop import ask
from app.ui.tunnel_editor import TunnelEditor
from tests.app.ui.conftest import Until

SPEC = TunnelSpec("shop", Upstream("http", "localhost", 3000))


class Saver:
    def __init__(self) -> None:
        self.saved: list[TunnelSpec] = []
        self.refusal: Exception | None = None

    async def __call__(self, spec: TunnelSpec) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.saved.append(spec)


@pytest.fixture
def saver() -> Saver:
    return Saver()


@pytest.fixture
def editor(saver: Saver, qtbot: QtBot) -> TunnelEditor:
    made = TunnelEditor(SPEC, frozenset({"docs"}), saver)
    qtbot.addWidget(made)
    return made


def test_unchanged_fields_are_the_unchanged_spec(editor: TunnelEditor) -> None:
    assert editor.edited() == SPEC


def test_every_field_is_part_of_the_edit(editor: TunnelEditor) -> None:
    editor.name.setText(" My-Shop ")
    editor.forward.setText("https://localhost:8443")
    editor.keep_host.setChecked(True)
    editor.tell_public.setChecked(True)
    editor.rewriting.mode.setCurrentText("Single-page app (spa)")
    editor.rewriting.oauth.setChecked(True)
    editor.self_signed.setChecked(True)
    editor.connect_timeout.setValue(2.5)
    editor.response_timeout.setValue(120)
    spec = editor.edited()
    assert spec is not None
    assert (spec.id, spec.name, spec.upstream) == (SPEC.id, "my-shop", Upstream("https", "localhost", 8443))
    assert (spec.host_header, spec.verify_tls) == ("public", False)
    assert (spec.forwarded, spec.mode, spec.rewrite_oauth) == ("aware", "spa", True)
    assert (spec.connect_timeout, spec.response_timeout) == (2.5, 120)


def test_every_field_shows_what_is_set(saver: Saver, qtbot: QtBot) -> None:
    spec = TunnelSpec(
        "shop", SPEC.upstream, host_header="public", forwarded="aware", mode="raw", rewrite_oauth=True, verify_tls=False
    )
    made = TunnelEditor(spec, frozenset(), saver)
    qtbot.addWidget(made)
    assert made.edited() == spec


@pytest.mark.parametrize("name", ["", "-shop", "a b", "x" * 64, "docs"])
def test_a_wrong_or_taken_name_is_explained_and_cannot_be_saved(editor: TunnelEditor, name: str) -> None:
    editor.show()
    editor.name.setText(name)
    assert editor.name_error.isVisible()
    assert not editor.save.isEnabled()
    editor.name.setText("fine")
    assert not editor.name_error.isVisible()
    assert editor.save.isEnabled()


def test_a_long_explanation_is_not_clipped(editor: TunnelEditor, qtbot: QtBot) -> None:
    editor.show()
    editor.name.setText("b_" * 30)
    line = editor.name_error
    qtbot.waitUntil(lambda: line.isVisible() and line.height() >= line.heightForWidth(line.width()))


@pytest.mark.parametrize("target", ["", "ftp://x", "localhost:99999", "http://a/b"])
def test_a_wrong_target_is_explained_and_cannot_be_saved_or_tested(editor: TunnelEditor, target: str) -> None:
    editor.show()
    editor.forward.setText(target)
    assert editor.forward_error.isVisible()
    assert not editor.save.isEnabled()
    assert not editor.test.isEnabled()


def test_certificates_matter_for_https_only(editor: TunnelEditor) -> None:
    assert not editor.self_signed.isEnabled()
    editor.forward.setText("https://localhost:8443")
    assert editor.self_signed.isEnabled()


async def test_save_hands_over_the_spec_and_closes(editor: TunnelEditor, saver: Saver) -> None:
    answer = asyncio.ensure_future(ask(editor))
    await asyncio.sleep(0)
    editor.name.setText("renamed")
    editor.save.click()
    assert await asyncio.wait_for(answer, 2) == QDialog.DialogCode.Accepted
    assert [spec.name for spec in saver.saved] == ["renamed"]


async def test_a_refusal_stays_in_the_editor(editor: TunnelEditor, saver: Saver, until: Until) -> None:
    saver.refusal = fail("name_in_use", "The relay knows that name already", "relay", "Choose another.")
    editor.show()
    editor.save.click()
    await until(editor.result_line.text)
    assert editor.result_line.text() == "✕ The relay knows that name already. Choose another."
    assert editor.isVisible()
    assert editor.save.isEnabled()


async def test_escape_closes_without_saving(editor: TunnelEditor, saver: Saver, qtbot: QtBot) -> None:
    answer = asyncio.ensure_future(ask(editor))
    await asyncio.sleep(0)
    editor.name.setText("renamed")
    qtbot.keyClick(editor.name, Qt.Key.Key_Escape)
    assert await asyncio.wait_for(answer, 2) == QDialog.DialogCode.Rejected
    assert saver.saved == []


async def test_the_port_can_be_tested(editor: TunnelEditor, until: Until) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    editor.show()
    editor.forward.setText(f"127.0.0.1:{port}")
    async with server:
        editor.test.click()
        await until(lambda: "answers" in editor.result_line.text())
    editor.test.click()
    await until(lambda: "refuses" in editor.result_line.text())
    editor.forward.setText("3000")
    assert editor.result_line.text() == ""


class TestBackend:
    """Where the tunnel runs."""

    OFFICE = BackendProfile("office", "Office", "relay", "wss://relay.example.com/__hw/agent")

    def test_another_one_is_part_of_the_edit(self, saver: Saver, qtbot: QtBot) -> None:
        editor = TunnelEditor(SPEC, frozenset(), saver, backends=(self.OFFICE,))
        qtbot.addWidget(editor)
        assert editor.backend.currentText() == "This computer"
        editor.backend.setCurrentText("Office")
        assert editor.edited() == replace(SPEC, backend="office")

    def test_one_that_is_gone_stays_until_another_is_chosen(self, saver: Saver, qtbot: QtBot) -> None:
        lost = replace(SPEC, backend="gone")
        editor = TunnelEditor(lost, frozenset(), saver, backends=(self.OFFICE,))
        qtbot.addWidget(editor)
        assert editor.backend.currentText() == "A backend that has been removed"
        assert editor.edited() == lost
