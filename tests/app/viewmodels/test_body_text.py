from __future__ import annotations

import gzip
import json
import time

import pytest

from app.content.kind import BodyKind
from app.domain.exchange import Body
from app.viewmodels.body_text import PREVIEW, Mode, open_body, plain_text, render


@pytest.mark.parametrize(
    ("data", "content_type", "kind"),
    [
        (b"", "application/json", "empty"),
        (b"{}", "application/json", "json"),
        (b"{}", "application/vnd.api+json; charset=utf-8", "json"),
        (b"<a/>", "application/soap+xml", "xml"),
        (b"<svg/>", "image/svg+xml", "xml"),
        (b"<p>", "text/html", "html"),
        (b"a=1", "application/x-www-form-urlencoded", "form"),
        (b"\x89PNG", "image/png", "image"),
        (b"hello", "text/plain", "text"),
        (b"hello", "application/whatever", "text"),
        (b"\x00\x01\x02", "application/octet-stream", "binary"),
        (b"\x00\x01\x02", "application/json", "binary"),
        ("Grüße aus Köln".encode("latin-1") * 20, "text/plain", "text"),
        ("é".encode() * 5000 + b"\xc3", "text/plain", "text"),
        (b'  {"a":1}', None, "json"),
        (b"<!DOCTYPE html><p>", None, "html"),
        (b"<?xml version='1.0'?><a/>", "", "xml"),
        (b'{"a":1}', "text/plain", "json"),
        (b'{"a":1}\n{"a":2}\n', "application/x-ndjson", "ndjson"),
    ],
)
def test_kinds(data: bytes, content_type: str | None, kind: BodyKind) -> None:
    assert open_body(Body(data), content_type, None).kind == kind


def test_json_is_indented_and_raw_is_not() -> None:
    view = open_body(Body(b'{"a":[1,2]}'), "application/json", None)
    assert render(view, Mode.PRETTY).content.text == '{\n  "a": [\n    1,\n    2\n  ]\n}'
    assert render(view, Mode.PRETTY).language == "json"
    assert render(view, Mode.RAW).content.text == '{"a":[1,2]}'


def test_invalid_json_is_shown_as_it_came_with_the_place() -> None:
    text = render(open_body(Body(b'{"a":}'), "application/json", None), Mode.PRETTY)
    assert text.content.text == '{"a":}'
    assert text.notes == ("Not valid JSON: line 1, column 6: a value is missing here",)


def test_json_lines_that_call_themselves_json_are_known() -> None:
    text = render(open_body(Body(b'{"a":1}\n[2]\n'), "application/json", None), Mode.PRETTY)
    assert (text.content.text, text.notes) == ('{\n  "a": 1\n}\n[\n  2\n]', ("JSON lines",))


def test_the_line_that_is_no_json_is_told() -> None:
    view = open_body(Body(b'{"a":1}\n[2\n'), "application/x-ndjson", None)
    notes = render(view, Mode.PRETTY).notes
    assert notes == ("Not valid JSON lines: line 2, column 3: a comma or a closing bracket is missing here",)


def test_a_cut_capture_is_formatted_and_said() -> None:
    view = open_body(Body(b'{"a":[1,', size=5000), "application/json", None)
    assert view.notes == ("Only the first 8 B of 5.0 kB were captured",)
    assert render(view, Mode.PRETTY).content.text.startswith('{\n  "a": [\n    1,')
    assert render(view, Mode.PRETTY).notes == ()


def test_compressed_bodies_are_decoded_and_hex_shows_the_wire() -> None:
    wire = gzip.compress(b'{"a":1}')
    view = open_body(Body(wire), "application/json", "gzip")
    assert view.label == f"JSON · {len(wire)} B · gzip, 7 B decoded"
    assert render(view, Mode.RAW).content.text == '{"a":1}'
    assert view.bytes_for(Mode.HEX) == wire
    assert view.bytes_for(Mode.RAW) is None


def test_a_preview_is_bounded_and_says_so() -> None:
    view = open_body(Body(b"a line of text\n" * 100_000, limit=1 << 24), "text/plain", None)
    preview = render(view, Mode.PRETTY)
    assert len(preview.content.text) == PREVIEW
    assert not preview.complete
    assert render(view, Mode.PRETTY, None).complete


def test_a_large_single_line_preview_does_not_read_it_all() -> None:
    data = b'["' + b"x" * 9_000_000 + b'"]'
    view = open_body(Body(data, limit=1 << 24), "application/json", None)
    start = time.process_time()
    text = render(view, Mode.PRETTY)
    assert time.process_time() - start < 0.5
    assert not text.complete
    assert max(map(len, text.content.text.split("\n"))) <= 2_010


@pytest.mark.parametrize("charset", ["iso-8859-1", "UTF-16", '"utf-8"'])
def test_declared_charsets_are_used(charset: str) -> None:
    data = "Grüße".encode(charset.strip('"'))
    view = open_body(Body(data), f"text/plain; charset={charset}", None)
    assert plain_text(view) == "Grüße"


@pytest.mark.parametrize("charset", ["no-such", "hex", "\0"])
def test_nonsense_charsets_fall_back_to_utf8(charset: str) -> None:
    assert plain_text(open_body(Body("ü".encode()), f"text/plain; charset={charset}", None)) == "ü"


def test_wrong_bytes_are_shown_and_said() -> None:
    view = open_body(Body("Grüße ".encode("latin-1") * 30), "text/plain", None)
    text = render(view, Mode.PRETTY)
    assert "Gr�" in text.content.text
    assert "not valid utf-8" in text.notes[0]


def test_binary_has_no_text_to_copy() -> None:
    assert plain_text(open_body(Body(b"\0\1"), None, None)) is None


def test_damaged_coding_is_noted() -> None:
    view = open_body(Body(b"{}"), "application/json", "gzip")
    assert view.notes[0].startswith("Gzip could not be decoded")
    assert render(view, Mode.PRETTY).content.text == "{}"


def test_multipart_shows_each_part_with_its_head_and_beginning() -> None:
    data = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="pic"; filename="p.png"\r\n\r\n\x89PNG\0\r\n--b--\r\n'
    )
    view = open_body(Body(data), "multipart/form-data; boundary=b", None)
    assert view.label == f"Multipart · {len(data)} B"
    assert render(view, Mode.PRETTY).content.text == (
        "── Part 1 · note · 5 B\n"
        'Content-Disposition: form-data; name="note"\n\nhello\n\n'
        "── Part 2 · pic · 5 B\n"
        'Content-Disposition: form-data; name="pic"; filename="p.png"\n\n'
        "00000000  89 50 4e 47 00                                    ·PNG·"
    )
    assert view.bytes_for(Mode.PRETTY) is None
    assert view.bytes_for(Mode.RAW) == data


def test_multipart_of_texts_is_text_when_raw() -> None:
    data = b"--b\r\n\r\nhello\r\n--b--\r\n"
    view = open_body(Body(data), "multipart/mixed; boundary=b", None)
    assert render(view, Mode.RAW).content.text == "--b\n\nhello\n--b--\n"


def test_graphql_is_laid_out_and_raw_is_as_it_came() -> None:
    view = open_body(Body(b'{"query":"query Cart { items { id } }"}'), "application/json", None)
    shown = render(view, Mode.PRETTY)
    assert shown.content.text == "# query Cart\nquery Cart {\n  items {\n    id\n  }\n}"
    assert shown.notes == ("GraphQL",)
    assert render(view, Mode.RAW).content.text == '{"query":"query Cart { items { id } }"}'


def test_all_of_a_long_json_comes_in_pieces_that_make_the_pretty_text() -> None:
    data = ("[" + ",".join(f'{{"id":{number},"name":"Zürich"}}' for number in range(20_000)) + "]").encode()
    shown = render(open_body(Body(data, limit=len(data)), "application/json", None), Mode.PRETTY, None)
    assert (shown.complete, shown.language) == (True, "json")
    assert len(shown.content.pieces) > 10
    assert shown.content.text == json.dumps(json.loads(data), indent=2, ensure_ascii=False)


def test_json_lines_are_laid_out_one_after_the_other() -> None:
    view = open_body(Body(b'{"a":1}\n[2]\n'), "application/x-ndjson; charset=utf-8", None)
    assert view.label == "JSON lines · 12 B"
    shown = render(view, Mode.PRETTY)
    assert (shown.content.text, shown.language, shown.notes) == ('{\n  "a": 1\n}\n[\n  2\n]', "json", ())
