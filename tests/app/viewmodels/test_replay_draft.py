from __future__ import annotations

import pytest

from app.domain.exchange import Body, Exchange, Headers
from app.viewmodels.replay_draft import ReplayDraft
from tests.app.fake_workspace import an_exchange

POST_HEADERS: Headers = (("Content-Type", "application/json"), ("content-length", "8"), ("X-A", "1"), ("X-A", "2"))


def draft(body: bytes = b'{"a": 1}', headers: Headers = POST_HEADERS) -> ReplayDraft:
    return ReplayDraft(an_exchange("POST", "/pay", body=body, request_headers=headers))


def test_an_untouched_draft_sends_the_capture_itself() -> None:
    assert draft().request() is None
    assert not draft().edited


def test_content_length_is_made_true_in_its_place() -> None:
    made = draft()
    made.body_text = '{"a": "ü"}'
    request = made.request()
    assert request is not None
    assert request.body == '{"a": "ü"}'.encode()
    assert request.headers == (POST_HEADERS[0], ("content-length", "11"), *POST_HEADERS[2:])


def test_chunked_framing_is_replaced_by_a_length() -> None:
    made = draft(headers=(("Transfer-Encoding", "chunked"), ("Content-Length", "9")))
    made.body_text = "xyz"
    request = made.request()
    assert request is not None
    assert request.headers == (("Content-Length", "3"),)


def test_a_new_body_gets_a_length_and_none_gets_none() -> None:
    made = draft(b"", ())
    made.target = "/other"
    assert made.request() is not None
    assert made.request().headers == ()  # type: ignore[union-attr]
    made.body_text = "x"
    assert made.request().headers == (("Content-Length", "1"),)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (bytes(range(256)), ()),
        (b"a\r\nb\nc", ()),
        (b"a\rb", ()),
        ("a\u2028b".encode(), ()),
        (b"plain", (("Content-Encoding", "gzip"),)),
        (b"x" * 60_000, ()),
    ],
    ids=["binary", "mixed-newlines", "lone-cr", "line-separator", "encoded", "long-line"],
)
def test_what_an_editor_would_change_is_kept_byte_exact(body: bytes, headers: Headers) -> None:
    made = draft(body, headers)
    assert made.body_text is None
    assert "sent exactly as it came" in made.body_note
    made.target = "/other"
    request = made.request()
    assert request is not None
    assert request.body == body


def test_a_binary_body_can_be_replaced() -> None:
    made = draft(b"\0\r\n")
    made.body_text = "a\nb"
    assert made.body == b"a\nb"
    assert made.body_note.startswith("Replaces the captured body")


def test_crlf_survives_editing() -> None:
    made = draft(b"a\r\nb\r\n")
    assert made.body_text == "a\nb\n"
    assert made.body == b"a\r\nb\r\n"
    made.body_text = "a\nc\n"
    assert made.body == b"a\r\nc\r\n"


def test_a_cut_capture_is_said() -> None:
    made = draft()
    made.original.request_body = Body(b"abc", size=5_000_000)
    made.reset()
    assert made.body_note.startswith("Only the first 3 B of 5.0 MB were captured")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("method", "GET /", "“GET /” is not an HTTP method"),
        ("target", "/a b", "The target is not a path"),
        ("headers", [("X Y", "x")], "“X Y” is not a header name"),
        ("headers", [("X", "€")], "The value of X holds a character that cannot stand in a header"),
    ],
)
def test_what_cannot_be_sent_is_named_as_replay_itself_would(field: str, value: object, words: str) -> None:
    made = draft()
    assert made.problem() is None
    setattr(made, field, value)
    problem = made.problem()
    assert problem is not None
    assert (problem.code, problem.title) == ("bad_request_edit", words)


def test_a_captured_target_with_raw_bytes_may_stay() -> None:
    made = draft()
    made.target = "/\xfc?x=1"
    assert made.problem() is None


def test_reset_brings_everything_back() -> None:
    made = draft()
    made.method, made.target, made.headers, made.body_text = "GET", "/x", [], "y"
    assert made.edited
    made.reset()
    assert not made.edited


def test_methods_that_change_data() -> None:
    made = draft()
    assert made.changes_data
    made.method = "GET"
    assert not made.changes_data


MULTIPART = (("Content-Type", "multipart/form-data; boundary=b"),)
PICTURE = b'--b\r\nContent-Disposition: form-data; name="p"; filename="p.png"\r\n\r\n\x89PNG\r\n--b--\r\n'


def test_a_multipart_body_is_taken_apart_and_put_together() -> None:
    made = draft(PICTURE, MULTIPART)
    layout = made.layout()
    assert layout is not None
    assert not made.edited
    made.set_body(bytes(layout.with_parts([layout.parts[0].renamed("q")])))
    request = made.request()
    assert request is not None
    assert request.body == PICTURE.replace(b'name="p"', b'name="q"')
    assert request.headers == (*MULTIPART, ("Content-Length", str(len(PICTURE))))
    assert made.body_note == ""
    made.set_body(PICTURE)
    assert not made.edited
    assert draft(PICTURE).layout() is None, "its type does not say so"


def test_typing_after_the_table_keeps_the_line_ends() -> None:
    made = draft(PICTURE.replace(b"\x89", b""), MULTIPART)
    made.set_body(made.body.replace(b"PNG", b"text"))
    made.body_text = ""
    made.body_text = "a\nb"
    assert made.body == b"a\r\nb"


def attempt_elsewhere(original: Exchange) -> Exchange:
    headers = (("Host", "staging:81"), ("Origin", "https://staging:81"), ("X-A", "3"))
    attempt = an_exchange("PUT", "/pay?2", body=b"again", request_headers=headers)
    attempt.upstream, attempt.replay_of = "https://staging:81", original.id
    return attempt


def test_an_attempt_becomes_the_draft_with_the_names_of_the_originals_service() -> None:
    made = draft(headers=(("Host", "shop.example.com"), *POST_HEADERS))
    made.original.upstream = "http://localhost:3000"
    made.take(attempt_elsewhere(made.original))
    assert (made.method, made.target, made.body_text) == ("PUT", "/pay?2", "again")
    assert made.headers == [("Host", "shop.example.com"), ("Origin", "http://localhost:3000"), ("X-A", "3")]
