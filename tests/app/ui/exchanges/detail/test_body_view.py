from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QMenu
from pytestqt.qtbot import QtBot

from app.domain.exchange import Body
from app.ui.exchanges.detail.body_save import file_name_for
from app.ui.exchanges.detail.body_view import BodyPanel
from app.ui.exchanges.detail.image_view import read_picture
from tests.app.ui.conftest import Until


@pytest.fixture
def panel(qtbot: QtBot) -> BodyPanel:
    panel = BodyPanel()
    qtbot.addWidget(panel)
    panel.resize(560, 400)
    panel.show()
    return panel


def button(panel: BodyPanel, text: str) -> QAbstractButton:
    return next(child for child in panel.findChildren(QAbstractButton) if child.text() == text)


def png(width: int, height: int) -> bytes:
    return picture("PNG", width, height)


def picture(kind: str, width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.ReadWrite)
    image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


async def test_pretty_raw_and_hex(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(gzip.compress(b'{"a":1}')), "application/json", "gzip", "a.json", "1")
    await until(lambda: panel.code.toPlainText() == '{\n  "a": 1\n}')
    button(panel, "Raw").click()
    await until(lambda: panel.code.toPlainText() == '{"a":1}')
    button(panel, "Hex").click()
    await until(panel.hex.isVisible)
    panel.hex.select(0, 2)
    assert panel.hex.selected_hex() == "1f 8b"


async def test_the_preview_ends_and_load_all_goes_on(panel: BodyPanel, until: Until) -> None:
    text = "0123456789abcde\n" * 30_000
    panel.show_body(Body(text.encode()), "text/plain", None, "a", "1")
    await until(lambda: button(panel, "Load all").isVisible() and not panel.busy)
    assert panel.long_text.line_count == 16_001
    button(panel, "Load all").click()
    await until(lambda: panel.long_text.line_count == 30_001)
    QTest.keyClick(panel.long_text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert panel.long_text.selected_text() == text
    assert not button(panel, "Load all").isVisible()


async def test_all_of_binary_data_is_there_at_once(panel: BodyPanel, until: Until) -> None:
    data = bytes(range(256)) * 4_000
    panel.show_body(Body(data), "application/octet-stream", None, "a", "1")
    await until(panel.hex.isVisible)
    panel.hex.select(len(data) - 2, 2)
    assert panel.hex.selected_hex() == "fe ff"
    assert not button(panel, "Load all").isVisible()


async def test_searching_searches_all_of_the_body(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(b"a line\n" * 60_000 + b"the needle\n"), "text/plain", None, "a", "1")
    await until(lambda: button(panel, "Load all").isVisible() and not panel.busy)
    panel.activateWindow()
    panel.long_text.setFocus()
    await until(panel.isActiveWindow)
    QTest.keyClick(panel.long_text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.find_bar.isVisible()
    panel.find_bar.field.setText("needle")
    await until(lambda: panel.find_bar.count.text() == "1 of 1" and not panel.busy)
    assert panel.long_text.selected_text() == "needle"
    QTest.keyClick(panel.find_bar.field, Qt.Key.Key_Escape)
    assert not panel.find_bar.isVisible()


async def test_another_body_is_searched_for_the_same(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(b"one needle"), "text/plain", None, "a", "1")
    await until(panel.code.isVisible)
    panel.open_find()
    panel.find_bar.field.setText("needle")
    await until(lambda: panel.find_bar.count.text() == "1 of 1")
    panel.show_body(Body(b"needle needle"), "text/plain", None, "a", "2")
    await until(lambda: panel.find_bar.count.text() == "1 of 2")
    panel.show_body(Body(b"\0needle"), "application/octet-stream", None, "a", "3")
    await until(lambda: panel.find_bar.count.text() == "1 of 1")
    assert panel.hex.selection == (1, 6)


async def test_a_part_is_saved_under_a_harmless_name(panel: BodyPanel, until: Until, tmp_path: Path) -> None:
    data = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="pic"; filename="../../p&q.png"\r\n\r\n\x89PNG\0\r\n--b--\r\n'
    )
    panel.show_body(Body(data), "multipart/form-data; boundary=b", None, "a", "1")
    await until(lambda: button(panel, "Save…").isVisible())
    button(panel, "Save…").click()
    (menu,) = [menu for menu in panel.findChildren(QMenu) if menu.isVisible()]
    actions = [action for action in menu.actions() if action.text()]
    assert [action.text() for action in actions] == [
        "Save the whole body…",
        "Save part 1: note (5 B)…",
        "Save part 2: ../../p&&q.png (5 B)…",
    ]
    actions[2].trigger()
    menu.close()
    dialog = panel.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "p_q.png"
    dialog.fileSelected.emit(str(tmp_path / "p.png"))
    dialog.close()
    await until((tmp_path / "p.png").exists)
    await until(lambda: (tmp_path / "p.png").read_bytes() == b"\x89PNG\0")


async def test_a_5_mb_line_of_json_does_not_hold_up_the_loop(panel: BodyPanel, until: Until) -> None:
    data = json.dumps([{"id": n, "tags": ["a", "b"]} for n in range(180_000)], separators=(",", ":")).encode()
    assert len(data) > 5_000_000
    started = time.process_time()
    panel.show_body(Body(data, limit=1 << 24), "application/json", None, "a", "1")
    await until(lambda: panel.long_text.line_count > 1_000 and not panel.busy)
    # All of it, thread included: bench/inspector_bodies.py measures how long the loop is held.
    assert time.process_time() - started < 1.0


async def test_a_later_body_wins(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(b"[" + b"1," * 100_000 + b"1]"), "application/json", None, "a", "1")
    panel.show_body(Body(b"second"), "text/plain", None, "a", "2")
    await until(lambda: panel.code.toPlainText() == "second" and not panel.busy)


async def test_the_same_body_is_not_shown_again(panel: BodyPanel, until: Until) -> None:
    body = Body(b"text")
    panel.show_body(body, "text/plain", None, "a", "1")
    await until(lambda: panel.code.toPlainText() == "text")
    panel.code.selectAll()
    panel.show_body(body, "text/plain", None, "a", "1")
    assert not panel.busy
    assert panel.code.textCursor().hasSelection()


async def test_images_are_previewed(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(png(30, 20)), "image/png", None, "a.png", "1")
    await until(lambda: panel.image.isVisible())
    assert panel.image.accessibleName() == "PNG · 30 × 20 px"
    assert not button(panel, "Copy").isVisible()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "ICO"])
def test_what_browsers_show_is_shown(kind: str) -> None:
    assert read_picture(picture(kind, 30, 20)).words == f"{kind} · 30 × 20 px"


def test_a_gif_is_shown() -> None:
    data = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    assert read_picture(data).words == "GIF · 1 × 1 px"


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "XBM", "XPM", "WBMP", "ICNS", "SVG"])
def test_other_formats_that_qt_could_decode_are_left_alone(kind: str) -> None:
    data = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>" if kind == "SVG" else picture(kind, 32, 32)
    assert data
    shown = read_picture(data)
    assert (shown.image, shown.words) == (None, "This image format cannot be shown here.")


def test_the_decoder_is_the_one_of_the_first_bytes() -> None:
    assert read_picture(b"GIF89a" + picture("TIFF", 30, 20)).image is None
    assert read_picture(b"BM" + png(30, 20)).image is None


def test_huge_and_damaged_images_are_refused_in_words() -> None:
    assert read_picture(b"GIF89a").image is None
    assert "damaged or cut off" in read_picture(png(300, 200)[:90]).words
    small = read_picture(png(3_000, 10))
    assert small.image is not None
    assert small.image.width() == 2_048
    header = bytearray(png(1, 1))
    header[16:24] = (20_000).to_bytes(4) * 2
    import zlib

    header[29:33] = zlib.crc32(bytes(header[12:29])).to_bytes(4)
    assert read_picture(bytes(header)).words.endswith("too large to preview.")


async def test_copy_gives_the_decoded_text(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(gzip.compress(b'{"a":1}\r\n')), "application/json", "gzip", "a", "1")
    await until(lambda: button(panel, "Copy").isVisible())
    button(panel, "Copy").click()
    await until(lambda: QGuiApplication.clipboard().text() == '{"a":1}\r\n')


async def test_save_writes_the_decoded_bytes(panel: BodyPanel, until: Until, tmp_path: Path) -> None:
    panel.show_body(Body(gzip.compress(b"\0\1")), "application/octet-stream", "gzip", "a.bin", "1")
    await until(lambda: button(panel, "Save…").isVisible())
    button(panel, "Save…").click()
    dialog = panel.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    said: list[str] = []
    panel.status_message.connect(said.append)
    dialog.fileSelected.emit(str(tmp_path / "a.bin"))
    dialog.close()
    await until(lambda: said == ["Saved 2 B to a.bin."])
    assert (tmp_path / "a.bin").read_bytes() == b"\0\1"


async def test_a_file_that_cannot_be_written_is_said(panel: BodyPanel, until: Until, tmp_path: Path) -> None:
    panel.show_body(Body(b"x"), "text/plain", None, "a", "1")
    await until(lambda: button(panel, "Save…").isVisible())
    button(panel, "Save…").click()
    dialog = panel.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    said: list[str] = []
    panel.status_message.connect(said.append)
    dialog.fileSelected.emit(str(tmp_path / "no" / "a"))
    dialog.close()
    await until(lambda: said and said[0].startswith("Not saved: "))


async def test_what_a_header_says_is_no_html(panel: BodyPanel, until: Until) -> None:
    coding = "<img src='file:///etc/picture.png'>"
    panel.show_body(Body(b"abc"), "text/plain", coding, "a", "1")
    await until(lambda: not panel.busy)
    quoting = [label for label in panel.findChildren(QLabel) if coding in label.text()]
    assert quoting
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in quoting)


async def test_an_empty_body_is_said(panel: BodyPanel, until: Until) -> None:
    panel.show_body(Body(), "text/plain", None, "a", "1")
    await until(lambda: not panel.busy)
    assert panel._message.text() == "No body."
    assert not button(panel, "Hex").isVisible()


@pytest.mark.parametrize(
    ("path", "content_type", "name"),
    [
        ("/files/report.pdf", "application/pdf", "report.pdf"),
        ("/api/pay", "application/json; charset=utf-8", "pay.json"),
        ("/", "text/html", "body.html"),
        ("/a/..", None, "body"),
        ("/%2e%2e%2fetc", "image/png", "2e_2e_2fetc.png"),
    ],
)
def test_file_names(path: str, content_type: str | None, name: str) -> None:
    assert file_name_for(path, content_type) == name
