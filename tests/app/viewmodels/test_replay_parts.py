from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.content.multipart_edit import layout_of
from app.viewmodels.replay_parts import FILE, NAME, TYPE, VALUE, PartsModel

BODY = (
    b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n'
    b'--b\r\nContent-Disposition: form-data; name="pic"; filename="p.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n'
    b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nline 1\nline 2\r\n--b--\r\n'
)


@pytest.fixture
def model(qtbot: QtBot) -> PartsModel:
    made = PartsModel()
    made.set_layout(layout_of(BODY, b"b"))
    return made


def rows(model: PartsModel) -> list[list[str]]:
    return [[model.data(model.index(row, column)) for column in range(4)] for row in range(model.rowCount())]


def test_the_parts_are_shown_and_the_body_is_the_same(model: PartsModel) -> None:
    assert rows(model) == [
        ["note", "", "", "hi"],
        ["pic", "p.png", "image/png", "4 B, binary"],
        ["text", "", "", "line 1…  (13 B)"],
    ]
    assert model.body == BODY


def test_cells_are_edited_where_a_cell_can_hold_them(model: PartsModel) -> None:
    editable = [bool(model.flags(model.index(row, VALUE)) & Qt.ItemFlag.ItemIsEditable) for row in range(3)]
    assert editable == [True, False, False]
    model.setData(model.index(0, VALUE), "hü")
    model.setData(model.index(1, NAME), "picture")
    model.setData(model.index(1, FILE), "q.png")
    model.setData(model.index(1, TYPE), "image/x-png")
    assert model.body == BODY.replace(b"hi", "hü".encode()).replace(b'"pic"', b'"picture"').replace(
        b"p.png", b"q.png"
    ).replace(b"image/png", b"image/x-png")


def test_nothing_is_edited_by_writing_what_is_there(model: PartsModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(model.edited):
        for row in range(3):
            for column in range(3):
                index = model.index(row, column)
                model.setData(index, model.data(index, Qt.ItemDataRole.EditRole))
        model.set_text(2, "line 1\nline 2")
    assert model.body == BODY


def test_longer_texts_keep_their_line_ends(model: PartsModel) -> None:
    assert model.text(2) == "line 1\nline 2"
    model.set_text(2, "line 1\nline 3")
    assert model.content(2) == b"line 1\nline 3"
    model.set_text(0, "a\nb")
    assert model.content(0) == b"a\r\nb"
    assert model.text(1) is None


def test_a_file_takes_the_place_of_a_content(model: PartsModel) -> None:
    model.set_file(1, "new.bin", b"\0\1")
    assert model.body == BODY.replace(b"p.png", b"new.bin").replace(b"\x89PNG", b"\0\1")


def test_a_content_that_would_be_cut_is_refused(model: PartsModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.refused):
        model.set_text(0, "a\n--b--")
    assert model.body == BODY


def test_parts_are_added_and_removed_even_the_last(model: PartsModel) -> None:
    for _ in range(3):
        model.remove(0)
    assert model.body == b"--b--\r\n"
    row = model.add_field()
    model.setData(model.index(row, NAME), "n")
    model.setData(model.index(row, VALUE), "1")
    assert model.body == b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--b--\r\n'
