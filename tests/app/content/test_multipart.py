from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.multipart import MOST_PARTS, boundary_of, parts_of

FORM = (
    b'preamble\r\n--xY\r\nContent-Disposition: form-data; name="note"\r\n\r\nline 1\r\nline 2\r\n'
    b'--xY\r\nContent-Disposition: form-data; name=pic; filename="a \\"b\\".png"\r\nContent-Type: image/png\r\n\r\n'
    b"\x89PNG\r\n\r\n\r\n--xY--\r\nepilogue"
)


def test_parts_of_a_form_with_a_file() -> None:
    note, picture = parts_of(FORM, b"xY")
    assert (note.name, note.file_name, note.data) == ("note", "", b"line 1\r\nline 2")
    assert (picture.name, picture.file_name, picture.content_type) == ("pic", 'a "b".png', "image/png")
    assert picture.data == b"\x89PNG\r\n\r\n"


def test_a_part_that_was_cut_off_says_so() -> None:
    first, second = parts_of(FORM[:150], b"xY")
    assert (first.whole, second.whole) == (True, False)


def test_parts_may_be_empty_or_have_no_head() -> None:
    assert [part.data for part in parts_of(b"--b\n\nx\n--b\n\n\n--b--", b"b")] == [b"x", b""]


def test_a_boundary_within_a_line_or_as_a_beginning_is_none() -> None:
    (part,) = parts_of(b"--b\r\n\r\nx --b\r\n--bc\r\n--b--", b"b")
    assert part.data == b"x --b\r\n--bc"


def test_boundaries_alone_make_no_more_than_a_thousand_parts() -> None:
    assert len(parts_of(b"--b\r\n\r\n\r\n" * 5_000 + b"--b--", b"b")) == MOST_PARTS


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=xY", b"xY"),
        ('multipart/mixed; Boundary="a b"; charset=utf-8', b"a b"),
        ("multipart/form-data", b""),
        (None, b""),
    ],
)
def test_boundaries(content_type: str | None, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@given(st.lists(st.binary().filter(lambda data: b"--q1w2" not in data)))
def test_contents_come_back_byte_for_byte(contents: list[bytes]) -> None:
    body = b"".join(b"--q1w2\r\nA: b\r\n\r\n" + data + b"\r\n" for data in contents) + b"--q1w2--\r\n"
    assert [part.data for part in parts_of(body, b"q1w2")] == contents


@given(st.binary(), st.binary(min_size=1, max_size=3))
def test_nothing_raises(data: bytes, boundary: bytes) -> None:
    for part in parts_of(data, boundary):
        assert part.name is not None
