from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.multipart import parts_of
from app.content.multipart_edit import Layout, layout_of

FORM = (
    b'preamble\r\n--xY  \r\nContent-Disposition: form-data; name="note"\r\n\r\nline 1\r\nline 2\r\n'
    b"--xY\r\ncontent-disposition: form-data; filename=\"a; name=b.png\"; name=pic; filename*=UTF-8''a.png\r\n"
    b"Content-Type: image/png\r\nX-More: 1\r\n\r\n\x89PNG\r\n\r\n\r\n--xY--\r\nepilogue"
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def layout(data: bytes = FORM, boundary: bytes = b"xY") -> Layout:
    found = layout_of(data, boundary)
    assert found is not None
    return found


def test_what_is_not_changed_comes_back_byte_for_byte() -> None:
    made = layout()
    assert bytes(made) == FORM
    assert bytes(made.with_parts(made.parts)) == FORM
    assert [part.data for part in made.parts] == [b"line 1\r\nline 2", b"\x89PNG\r\n\r\n"]


def test_another_content_leaves_all_other_bytes() -> None:
    made = layout()
    note, picture = made.parts
    changed = bytes(made.with_parts([replace(note, data=b"new"), picture]))
    assert changed == FORM.replace(b"line 1\r\nline 2", b"new")


def test_names_and_types_change_in_their_places() -> None:
    picture = layout().parts[1].renamed('p"1\\').refiled("ü.jpg").retyped("image/jpeg")
    assert picture.head == (
        b'\r\ncontent-disposition: form-data; filename="\xc3\xbc.jpg"; name="p%221\\\\"\r\n'
        b"Content-Type: image/jpeg\r\nX-More: 1\r\n\r\n"
    )
    assert (picture.part.name, picture.part.file_name, picture.part.content_type) == (
        "p%221\\",
        "ü.jpg",
        "image/jpeg",
    )


def test_a_file_becomes_a_field_and_a_field_a_file() -> None:
    note, picture = layout().parts
    plain = picture.refiled("").retyped("")
    assert plain.head == b"\r\ncontent-disposition: form-data; name=pic\r\nX-More: 1\r\n\r\n"
    file = note.refiled("n.txt").retyped("text/plain")
    assert file.head == (
        b'\r\nContent-Disposition: form-data; name="note"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\n'
    )


def test_parts_without_a_head_get_one() -> None:
    (part,) = layout(b"--b\n\nx\n--b--", b"b").parts
    assert part.renamed("n").head == b'\nContent-Disposition: form-data; name="n"\n\n'


def test_parts_are_added_and_removed() -> None:
    made = layout()
    note, picture = made.parts
    without_first = bytes(made.with_parts([picture]))
    assert without_first.startswith(b"preamble\r\n--xY  \r\ncontent-disposition")
    assert [part.name for part in parts_of(without_first, b"xY")] == ["pic"]
    more = bytes(made.with_parts([note, made.field("new", b"1"), picture]))
    assert [(part.name, part.data) for part in parts_of(more, b"xY")][1] == ("new", b"1")
    assert bytes(made.with_parts([])) == b"preamble\r\n--xY--\r\nepilogue"
    assert bytes(layout(b"--b\r\n\r\nx\r\n--b--", b"b").with_parts([])) == b"--b--"


def test_a_content_with_the_boundary_would_be_cut() -> None:
    made = layout()
    assert made.breaks(b"--xY")
    assert made.breaks(b"a\r\n--xYz")
    assert not made.breaks(b"a--xY")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"--xY--",
        FORM[:-20],
        b"--xY\r\nno blank line\r\n--xY--",
        b"--xY\r\n\r\n\r\n" * 1_100 + b"--xY--",
    ],
    ids=["empty", "no-parts", "cut-off", "bad-head", "too-many"],
)
def test_what_is_not_a_whole_multipart_body_is_left_alone(data: bytes) -> None:
    assert layout_of(data, b"xY") is None
    assert layout_of(FORM, b"") is None


@given(st.lists(st.binary().filter(lambda data: b"--q1w2" not in data), min_size=1), st.binary(), TEXT, TEXT)
def test_one_change_touches_no_other_part(contents: list[bytes], new: bytes, name: str, file_name: str) -> None:
    head = b'Content-Disposition: form-data; name="a"\r\n\r\n'
    body = b"".join(b"--q1w2\r\n" + head + data + b"\r\n" for data in contents) + b"--q1w2--\r\n"
    made = layout(body, b"q1w2")
    assert bytes(made) == body
    if made.breaks(new):
        return
    parts = [replace(made.parts[0], data=new).renamed(name).refiled(file_name), *made.parts[1:]]
    again = parts_of(bytes(made.with_parts(parts)), b"q1w2")
    assert [part.data for part in again] == [new, *contents[1:]]
    shown = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
    assert (again[0].name, again[0].file_name) == (name.translate(shown), file_name.translate(shown))


@given(
    contents=st.lists(st.binary(max_size=8).filter(lambda data: b"--q" not in data), min_size=1, max_size=4),
    preamble=st.sampled_from([b"", b"\r\n", b"words\r\n"]),
    end=st.sampled_from([b"\r\n", b"\n"]),
    order=st.lists(st.one_of(st.integers(0, 3), TEXT), max_size=5),
)
def test_any_choice_of_old_and_new_parts_is_read_as_it_was_meant(
    contents: list[bytes], preamble: bytes, end: bytes, order: list[int | str]
) -> None:
    head = end + b'Content-Disposition: form-data; name="old"' + end + end
    body = preamble + end.join(b"--q" + head + data for data in contents) + end + b"--q--" + end
    made = layout_of(body, b"q")
    if made is None or [part.data for part in made.parts] != contents:
        return  # a content ended in what belongs to the boundary after it
    chosen = [
        made.parts[each % len(contents)] if isinstance(each, int) else made.field("new", each.encode())
        for each in order
        if isinstance(each, int) or not made.breaks(each.encode())
    ]
    again = parts_of(bytes(made.with_parts(chosen)), b"q")
    assert [(part.name, part.data) for part in again] == [(raw.part.name, raw.data) for raw in chosen]


@given(st.binary(), st.binary(min_size=1, max_size=3))
def test_nothing_raises_and_nothing_is_lost(data: bytes, boundary: bytes) -> None:
    found = layout_of(data, boundary)
    assert found is None or bytes(found) == data
