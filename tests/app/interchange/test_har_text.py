from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interchange.har_format import Param
from app.interchange.har_params import to_form, to_params
from app.interchange.har_text import to_bytes, to_text

TYPES = st.sampled_from([
    None, "", "text/plain", "text/plain; charset=utf-8", "text/html;charset=iso-8859-1", "text/plain; charset=us-ascii",
    "text/plain; charset=utf-16", "text/plain; charset=shift_jis", "application/json; charset=nonsense",
])  # fmt: skip
BOMS = st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])


@given(BOMS, st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")), TYPES)
def test_what_becomes_text_becomes_the_same_bytes_again(bom: bytes, data: bytes, content_type: str | None) -> None:
    text = to_text(bom + data, content_type)
    if text is not None:
        assert to_bytes(text, content_type) == bom + data
        assert to_bytes(text, content_type, (len(bom + data),)) == bom + data


@given(st.binary(min_size=1, max_size=60))
def test_one_character_per_byte_is_known_by_the_size(data: bytes) -> None:
    """As Chromium and mitmproxy write binary requests."""
    assert to_bytes(data.decode("latin-1"), "application/octet-stream", (len(data),)) == data


@given(st.binary(max_size=60))
def test_surrogates_are_the_bytes_they_stand_for(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert to_bytes(text, "application/json", (len(data),)) == data


def test_texts_are_decoded_with_their_charset() -> None:
    assert to_text("Größe".encode("latin-1"), "text/plain; charset=iso-8859-1") == "Größe"
    assert to_text(b"\xff\x00", "text/plain") is None
    assert to_bytes("漢", "text/plain; charset=iso-8859-1") == "漢".encode(), "not possible in its own charset"


NAMES = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), min_size=1, max_size=9
)
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(st.lists(st.tuples(NAMES, VALUES, st.none() | NAMES), min_size=1, max_size=5))
def test_multipart_forms_survive_as_parameters(parts: list[tuple[str, str, str | None]]) -> None:
    kind = "multipart/form-data; boundary=----x8Jq"
    params = [Param(name, value, file, "text/plain" if file else None) for name, value, file in parts]
    again = to_params(to_form(params, kind), None, kind)
    assert [(each["name"], each["value"], each.get("fileName")) for each in again] == parts


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ([Param("file", None, "a.bin")], "multipart/form-data; boundary=b"),
        ([Param("a", "1")], "multipart/form-data"),
        ([Param("a", "1")], "application/json"),
    ],
    ids=["file without content", "no boundary", "no form"],
)
def test_bodies_that_nobody_can_put_together_stay_empty(params: list[Param], kind: str) -> None:
    assert to_form(params, kind) == b""


def test_files_that_are_no_text_are_named_in_the_parameters() -> None:
    head = b'Content-Disposition: form-data; name="f"; filename="a.bin"\r\nContent-Type: x/y'
    data = b"--b\r\n" + head + b"\r\n\r\n\xff\r\n--b--\r\n"
    (param,) = to_params(data, None, "multipart/form-data; boundary=b")
    assert param == {"name": "f", "fileName": "a.bin", "contentType": "x/y", "comment": "1 bytes that are no text"}
