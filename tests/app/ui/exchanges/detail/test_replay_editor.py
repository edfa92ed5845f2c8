from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.exchange import Exchange
from app.domain.problems import fail
from app.domain.replay import ReplayTarget
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.signatures.github import GitHub
from app.signatures.scheme import Signed
from app.ui.exchanges.detail.replay_editor import ReplayEditor
from app.viewmodels.replay_draft import ReplayDraft
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until

HEADERS = (("Content-Type", "application/json"), ("Content-Length", "8"))


@pytest.fixture
def original(workspace: FakeWorkspace) -> Exchange:
    exchange = an_exchange("POST", "/pay", 502, body=b'{"a": 1}', request_headers=HEADERS)
    workspace.record(exchange)
    return exchange


@pytest.fixture
async def editor(workspace: FakeWorkspace, qtbot: QtBot, original: Exchange) -> ReplayEditor:
    editor = ReplayEditor(workspace)
    qtbot.addWidget(editor)
    editor.resize(560, 500)
    editor.show()
    editor.activateWindow()
    editor.open(ReplayDraft(original))
    return editor


def texts(editor: ReplayEditor) -> str:
    return "\n".join(label.text() for label in editor.findChildren(QLabel) if label.isVisible())


def button(editor: ReplayEditor, text: str) -> QPushButton:
    return next(child for child in editor.findChildren(QPushButton) if child.text() == text)


async def test_the_capture_is_shown_and_sent_as_it_is(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    assert editor.form.method.currentText() == "POST"
    assert editor.form.target.text() == "/pay"
    assert editor.form.body.text == '{"a": 1}'
    assert "Sends a real request to your service; POST may change data." in texts(editor)
    assert not button(editor, "Reset").isEnabled()
    button(editor, "Send").click()
    await until(lambda: workspace.sent == [None])


async def test_an_edit_is_sent_and_both_answers_are_shown(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    editor.form.target.setText("")
    QTest.keyClicks(editor.form.target, "/pay?retry=1")
    editor.form.body.text_edit.selectAll()
    editor.form.tabs.setCurrentWidget(editor.form.body)
    QTest.keyClicks(editor.form.body.text_edit, "{}")
    QTest.keyClick(editor.form.body.text_edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: "→ now" in texts(editor))
    (sent,) = workspace.sent
    assert sent is not None
    assert (sent.target, sent.body) == ("/pay?retry=1", b"{}")
    assert ("Content-Length", "2") in sent.headers
    assert "31 ms" in texts(editor)
    wanted: list[str] = []
    editor.exchange_wanted.connect(wanted.append)
    await until(lambda: editor.attempts.list.count() == 1)
    button(editor, "Show").click()
    again = await workspace.exchange(wanted[0])
    assert again is not None
    assert again.target == "/pay?retry=1"


async def test_headers_are_added_changed_and_removed(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    button(editor, "Add header").click()
    model = editor.form.headers.model
    model.setData(model.index(2, 0), "X-Debug")
    model.setData(model.index(2, 1), "1")
    editor.form.headers.view.setCurrentIndex(model.index(0, 0))
    editor.form.headers._remove()
    assert editor.form.tabs.tabText(1) == "Headers (2)"
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].headers == (("Content-Length", "8"), ("X-Debug", "1"))


async def test_nothing_is_sent_while_something_is_wrong(workspace: FakeWorkspace, editor: ReplayEditor) -> None:
    editor.form.target.clear()
    QTest.keyClicks(editor.form.target, "pay")
    button(editor, "Send").click()
    assert "The target is not a path" in texts(editor)
    assert workspace.sent == []


async def test_a_refusal_is_shown_inline(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    workspace.replay_error = fail("no_tunnel", "The tunnel is gone", "you", "Add it again.")
    button(editor, "Send").click()
    await until(lambda: "Add it again." in texts(editor))
    assert button(editor, "Send").isEnabled()


async def test_a_second_send_waits_for_the_first(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    workspace.replay_seconds = 0.02
    editor.send()
    editor.send()
    await until(lambda: "→ now" in texts(editor))
    assert len(workspace.sent) == 1


async def test_reset_and_escape(editor: ReplayEditor) -> None:
    QTest.keyClicks(editor.form.target, "X")
    assert editor.form.target.text() == "/payX" or editor.form.target.text() == "X/pay"
    button(editor, "Reset").click()
    assert editor.form.target.text() == "/pay"
    closed: list[bool] = []
    editor.closed.connect(lambda: closed.append(True))
    QTest.keyClick(editor.form.target, Qt.Key.Key_Escape)
    assert closed == [True]


async def test_no_break_spaces_survive_editing(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    exchange = an_exchange("POST", body="a\u00a0b\n".encode())
    workspace.record(exchange)
    editor.open(ReplayDraft(exchange))
    QTest.keyClicks(editor.form.body.text_edit, "x")
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].body == "xa\u00a0b\n".encode()


async def test_a_binary_body_is_kept_and_said(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    exchange = an_exchange("POST", body=bytes(range(256)))
    workspace.record(exchange)
    editor.open(ReplayDraft(exchange))
    editor.form.tabs.setCurrentWidget(editor.form.body)
    assert "is sent exactly as it came" in texts(editor)
    editor.form.target.clear()
    QTest.keyClicks(editor.form.target, "/other")
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].body == bytes(range(256))


async def test_what_a_header_says_is_no_html(workspace: FakeWorkspace, editor: ReplayEditor) -> None:
    coding = "<img src='file:///etc/picture.png'>"
    editor.open(ReplayDraft(an_exchange("POST", body=b"abc", request_headers=(("Content-Encoding", coding),))))
    quoting = [label for label in editor.findChildren(QLabel) if coding in label.text()]
    assert quoting
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in quoting)


async def test_another_target_and_several_times(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    assert editor.where.target is None
    editor.where.setEditText("https://staging.example.com")
    editor.repeat.times_box.setValue(3)
    editor.repeat.delay_box.setValue(0.5)
    editor.send()
    await until(lambda: len(workspace.replays.targets) == 3)
    assert workspace.replays.targets == [ReplayTarget(url="https://staging.example.com")] * 3
    assert workspace.replays.delays == [0.5]
    await until(lambda: "✓ fixed" in texts(editor))


async def test_tunnels_are_offered_as_targets(
    workspace: FakeWorkspace, editor: ReplayEditor, original: Exchange
) -> None:
    await workspace.add_tunnel(TunnelSpec("staging", Upstream("http", "localhost", 8001), id="t2"))
    editor.open(ReplayDraft(original))
    editor.where.setCurrentIndex(editor.where.findText("http://localhost:8001  (staging)"))
    assert editor.where.target == ReplayTarget(tunnel_id="t2")
    editor.open(ReplayDraft(original))
    assert editor.where.target is None, "a target is chosen for one request"


async def test_sending_can_be_stopped(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    workspace.replay_seconds = 60
    editor.send()
    await until(lambda: button(editor, "Stop").isVisible())
    button(editor, "Stop").click()
    await until(lambda: button(editor, "Send").isEnabled())
    assert not button(editor, "Stop").isVisible()


async def test_the_query_is_edited_as_a_table_and_the_rest_of_it_keeps_its_spelling(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    editor.form.target.clear()
    QTest.keyClicks(editor.form.target, "/pay?q=%7e+x&flag&n=1")
    model = editor.form.query.model
    assert model.headers == (("q", "~ x"), ("flag", ""), ("n", "1"))
    assert editor.form.tabs.tabText(0) == "Query (3)"
    model.setData(model.index(2, 1), "a b&c")
    assert editor.form.target.text() == "/pay?q=%7e+x&flag&n=a%20b%26c"
    editor.form.query.view.setCurrentIndex(model.index(1, 0))
    editor.form.query._remove()
    button(editor, "Add parameter").click()
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].target == "/pay?q=%7e+x&n=a%20b%26c"


async def test_json_is_checked_and_laid_out(editor: ReplayEditor, until: Until) -> None:
    editor.form.tabs.setCurrentWidget(editor.form.body)
    editor.form.body.text_edit.selectAll()
    QTest.keyClicks(editor.form.body.text_edit, '{"a": 1.10, "b" 2}')
    await until(lambda: "✗ line 1, column 17" in texts(editor))
    assert not button(editor, "Format").isEnabled()
    editor.form.body.text_edit.selectAll()
    QTest.keyClicks(editor.form.body.text_edit, '{"a": 1.10, "a": "x y"}')
    await until(lambda: "✓ JSON" in texts(editor))
    button(editor, "Minify").click()
    await until(lambda: editor.form.body.text == '{"a":1.10,"a":"x y"}')
    button(editor, "Format").click()
    await until(lambda: editor.form.body.text == '{\n  "a": 1.10,\n  "a": "x y"\n}')
    editor.form.body.text_edit.undo()
    assert editor.form.body.text == '{"a":1.10,"a":"x y"}'


async def test_a_form_is_edited_as_a_table(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    kind = (("Content-Type", "application/x-www-form-urlencoded"),)
    exchange = an_exchange("POST", body=b"name=J%c3%b6rg+K&amount=1", request_headers=kind)
    workspace.record(exchange)
    editor.open(ReplayDraft(exchange))
    editor.form.tabs.setCurrentWidget(editor.form.body)
    assert editor.form.body.form.isVisible()
    model = editor.form.body.form.model
    assert model.headers == (("name", "Jörg K"), ("amount", "1"))
    assert not button(editor, "Reset").isEnabled(), "showing it changes nothing"
    model.setData(model.index(1, 1), "2 €")
    assert editor.form.body.text == "name=J%c3%b6rg+K&amount=2+%E2%82%AC"
    button(editor, "As text").click()
    assert editor.form.body.text_edit.isVisible()
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].body == b"name=J%c3%b6rg+K&amount=2+%E2%82%AC"


async def test_it_is_said_when_a_request_leaves_this_computer(editor: ReplayEditor) -> None:
    editor.where.setEditText("localhost:8000")
    assert "Sends a real request to your service" in texts(editor)
    editor.where.setEditText("https://staging.example.com/")
    assert "Leaves this computer: https://staging.example.com gets all of it" in texts(editor)


async def test_a_signature_is_made_anew_unless_switched_off(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    signature = GitHub().sign(Signed("", (), b"{}"), "key", 0.0)
    exchange = an_exchange("POST", "/hook", body=b"{}", request_headers=signature)
    workspace.record(exchange)
    editor.open(ReplayDraft(exchange))
    await until(lambda: "the secret is not known" in texts(editor))
    assert not editor.resign.isVisible()
    editor.signature.secret.setText("key")
    editor.signature._save()
    await until(lambda: editor.resign.isVisible())
    editor.send()
    await until(lambda: workspace.replays.resigned == [True])
    await until(lambda: button(editor, "Send").isEnabled())
    editor.resign.setChecked(False)
    editor.send()
    await until(lambda: workspace.replays.resigned == [True, False])


FORM = (
    b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n'
    b'--b\r\nContent-Disposition: form-data; name="pic"; filename="p.png"\r\n\r\n\x89PNG\0\r\n--b--\r\n'
)


def show_multipart(workspace: FakeWorkspace, editor: ReplayEditor, body: bytes = FORM) -> None:
    kind = (("Content-Type", "multipart/form-data; boundary=b"),)
    exchange = an_exchange("POST", body=body, request_headers=kind)
    workspace.record(exchange)
    editor.open(ReplayDraft(exchange))
    editor.form.tabs.setCurrentWidget(editor.form.body)


async def test_the_parts_of_a_multipart_body_are_edited_in_a_table(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until, tmp_path: Path
) -> None:
    show_multipart(workspace, editor)
    parts = editor.form.body.parts
    assert parts.isVisible()
    assert not button(editor, "Reset").isEnabled(), "showing it changes nothing"
    assert parts.text_edit.toPlainText() == "hi"
    QTest.keyClicks(parts.text_edit, "oh, ")
    parts.view.setCurrentIndex(parts.model.index(1, 0))
    assert not parts.text_edit.isVisible()
    assert "The content (5 B) is sent byte for byte as it is." in texts(editor)
    (tmp_path / "q.png").write_bytes(b"\x89PNG\1")
    await parts.put_file(1, tmp_path / "q.png")
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].body == FORM.replace(b"hi", b"oh, hi").replace(b"p.png", b"q.png").replace(b"\0", b"\1")


async def test_an_untouched_multipart_body_is_sent_as_it_came(
    workspace: FakeWorkspace, editor: ReplayEditor, until: Until
) -> None:
    show_multipart(workspace, editor)
    editor.form.body.parts.view.setCurrentIndex(editor.form.body.parts.model.index(1, 0))
    QTest.keyClick(editor.form.target, Qt.Key.Key_End)
    QTest.keyClicks(editor.form.target, "?x")
    button(editor, "Send").click()
    await until(lambda: workspace.sent)
    assert workspace.sent[0] is not None
    assert workspace.sent[0].body == FORM


async def test_text_and_table_of_a_multipart_body_show_the_same(workspace: FakeWorkspace, editor: ReplayEditor) -> None:
    show_multipart(workspace, editor, FORM.replace(b"\x89PNG\0", b"no picture"))
    body = editor.form.body
    body.parts.model.setData(body.parts.model.index(0, 3), "from the table")
    button(editor, "As text").click()
    assert "\nfrom the table\n" in body.text
    body.text_edit.setPlainText(body.text.replace("from the table", "from the text"))
    button(editor, "As table").click()
    assert body.parts.text_edit.toPlainText() == "from the text"
    button(editor, "Reset").click()
    assert body.parts.model.body == FORM.replace(b"\x89PNG\0", b"no picture")


async def test_what_cannot_be_a_part_is_refused(workspace: FakeWorkspace, editor: ReplayEditor, tmp_path: Path) -> None:
    show_multipart(workspace, editor)
    parts = editor.form.body.parts
    parts.text_edit.setPlainText("--b--")
    assert "has the boundary of the parts in it" in texts(editor)
    assert parts.text_edit.toPlainText() == "hi"
    await parts.put_file(0, tmp_path / "none.txt")
    assert "none.txt cannot be read" in texts(editor)
    assert parts.model.body == FORM


async def test_parts_are_added_and_removed(workspace: FakeWorkspace, editor: ReplayEditor) -> None:
    show_multipart(workspace, editor)
    parts = editor.form.body.parts
    parts._add_part()
    assert (parts.model.rowCount(), parts.view.currentIndex().row()) == (3, 2)
    parts._remove_part()
    parts._remove_part()
    parts._remove_part()
    assert not parts.text_edit.isEnabled()
    assert parts.model.body == b"--b--\r\n"


async def test_an_attempt_is_taken_as_the_draft(workspace: FakeWorkspace, editor: ReplayEditor, until: Until) -> None:
    assert not editor.attempts.isVisible()
    for keys in ("?first", "?second"):
        editor.form.target.clear()
        QTest.keyClicks(editor.form.target, f"/pay{keys}")
        done = editor.attempts.list.count()
        button(editor, "Send").click()
        await until(lambda done=done: editor.attempts.list.count() == done + 1)  # type: ignore[misc]
        await until(lambda: button(editor, "Send").isEnabled())
    line = editor.attempts.list.item(0)
    assert line is not None
    assert "fixed" in line.text()
    assert editor.form.target.text() == "/pay?second"
    editor.attempts.list.setCurrentRow(0)
    button(editor, "Use as draft").click()
    await until(lambda: editor.form.target.text() == "/pay?first")
    assert editor.form.body.text == '{"a": 1}'
    button(editor, "Send").click()
    await until(lambda: len(workspace.sent) == 3)
    assert workspace.sent[2] is not None
    assert workspace.sent[2].target == "/pay?first"
