from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.frame import Frame
from app.domain.problems import HatchwayError
from app.domain.verdict import Verdict
from app.interchange.har_entry import to_entry
from app.interchange.har_file import HarFile
from app.interchange.har_import import parse_har, read_har
from app.redaction.redactor import Redactor


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "tunnel": "shop",
        "tunnel_id": "t1",
        "method": "POST",
        "target": "/pay?a=1&b=%20x&a=",
        "upstream": "http://localhost:3000",
        "public_url": "https://shop.example.com/pay?a=1&b=%20x&a=",
        "visitor": "10.0.0.7",
        "status": 201,
        "reason": "Created",
        "request_headers": (
            ("Host", "x"),
            ("Content-Type", "application/json"),
            ("Cookie", "a=1; b=2"),
            ("X-A", "1"),
            ("X-A", "2"),
        ),
        "response_headers": (("Content-Type", "application/json"), ("Set-Cookie", "s=1; Path=/; HttpOnly; Secure")),
        "request_body": Body('{"ü": 1}'.encode()),
        "response_body": Body(b'{"ok": true}'),
        "state": ExchangeState.DONE,
        "started_ns": 1_764_150_000_123_456_789,
        "note": "odd",
    }
    made = Exchange(**values | changes)
    made.sent_ns, made.first_byte_ns = made.started_ns + 1_000_000, made.started_ns + 21_000_000
    made.finished_ns = made.started_ns + 31_000_000
    return made


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}}
    ).encode()


def test_an_entry_has_all_that_har_asks_for() -> None:
    entry = to_entry(exchange())
    assert entry["startedDateTime"] == "2025-11-26T09:40:00.123456Z"
    assert entry["time"] == 31
    assert entry["timings"] == {
        "blocked": 1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 20, "receive": 10,
    }  # fmt: skip
    request, response = entry["request"], entry["response"]
    assert request["queryString"] == [
        {"name": "a", "value": "1"}, {"name": "b", "value": " x"}, {"name": "a", "value": ""},
    ]  # fmt: skip
    assert request["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert request["postData"]["text"] == '{"ü": 1}'
    assert response["cookies"] == [{"name": "s", "value": "1", "path": "/", "httpOnly": True, "secure": True}]
    assert response["content"] == {"size": 12, "mimeType": "application/json", "text": '{"ok": true}'}
    for part, names in (
        (request, "method url httpVersion cookies headers queryString headersSize bodySize"),
        (response, "status statusText httpVersion cookies headers content redirectURL headersSize bodySize"),
        (entry, "startedDateTime time request response cache timings"),
    ):
        assert set(names.split()) <= part.keys()


def test_binary_bodies_are_base64_and_codings_are_removed() -> None:
    entry = to_entry(
        exchange(
            request_body=Body(b"\xff\x00"),
            response_headers=(("Content-Encoding", "gzip"), ("Content-Type", "text/plain")),
            response_body=Body(gzip.compress(b"hello " * 50)),
        )
    )
    assert entry["request"]["postData"]["text"] == base64.b64encode(b"\xff\x00").decode()
    assert entry["response"]["content"]["text"] == "hello " * 50
    assert entry["response"]["content"]["compression"] > 200


def test_what_was_not_kept_is_told() -> None:
    entry = to_entry(exchange(response_body=Body(b"abc", size=9)))
    assert entry["response"]["content"]["size"] == 9
    assert "3 of 9 bytes" in entry["response"]["content"]["comment"]


def test_what_never_got_an_answer_says_why(tmp_path: Path) -> None:
    entry = to_entry(exchange(status=None, state=ExchangeState.FAILED))
    assert (entry["response"]["status"], entry["response"]["bodySize"]) == (0, -1)
    ((found, _),) = parse_har(har(entry))
    assert (found.state, found.status) == (ExchangeState.FAILED, None)
    assert found.problem is not None


SAMPLE = [
    exchange(),
    exchange(request_body=Body(), response_body=Body(b"\x00\xff"), verdict=Verdict.FIXED, replay_of="abc", pinned=True),
    exchange(
        response_headers=(("content-encoding", "br"), ("Content-Type", "text/html; charset=utf-8")),
        target="/größe".encode().decode("latin-1"),
        public_url="https://x/größe".encode().decode("latin-1"),
        leak="/cart",
    ),
    exchange(kind="websocket", status=101, request_body=Body(), response_body=Body()),
]
FRAMES = [
    Frame(0, "visitor", "text", 1_764_150_000_500_000_000, "hällo".encode(), 6),
    Frame(1, "upstream", "binary", 1_764_150_000_600_000_000, b"\xff\x00", 2),
    Frame(2, "upstream", "close", 1_764_150_000_700_000_000, b"bye", 3),
]


def test_nothing_that_har_carries_is_lost_on_the_way_there_and_back() -> None:
    entries = [to_entry(each, FRAMES if each.kind == "websocket" else ()) for each in SAMPLE]
    read = parse_har(har(*entries))
    again = [to_entry(each, frames) for each, frames in read]
    for before, after in zip(entries, again, strict=True):
        assert before.pop("_hatchway").pop("id") != after.pop("_hatchway").pop("id")
        for side in (before, after):  # what the codings made of a body depends on who compressed it
            side["request"].pop("bodySize")
            side["response"].pop("bodySize")
            side["response"]["content"].pop("compression", None)
        assert after == before
    assert [each.imported for each, _ in read] == [True] * 4
    assert [[frame.data for frame in frames] for _, frames in read] == [
        [],
        [],
        [],
        [b"h\xc3\xa4llo", b"\xff\x00", b"bye"],
    ]


def test_a_minimal_entry_is_enough() -> None:
    ((found, _),) = parse_har(har({"request": {"method": "get", "url": "http://x:81/a?"}}))
    assert (found.method, found.target, found.upstream) == ("GET", "/a?", "http://x:81")
    assert (found.state, found.tunnel_id) == (ExchangeState.FAILED, "import")


@pytest.mark.parametrize(
    ("written", "kept"), [("[::1]", "::1"), ("10.0.0.1", "10.0.0.1"), ("", ""), (None, ""), ("shop.example", "")]
)
def test_only_ip_addresses_are_kept_as_such(written: str | None, kept: str) -> None:
    ((found, _),) = parse_har(har({"request": {"method": "GET", "url": "http://x/"}, "serverIPAddress": written}))
    assert found.har is not None
    assert found.har.server == kept


def test_bodies_of_which_only_a_part_was_kept_stay_so() -> None:
    cut = exchange(request_body=Body(b"abc", size=9), response_body=Body("dü".encode(), size=70))
    ((found, _),) = parse_har(har(to_entry(cut)))
    assert (found.request_body.data, found.request_body.size) == (b"abc", 9)
    assert (found.response_body.data, found.response_body.size) == ("dü".encode(), 70)


def test_bodies_that_only_their_length_tells_of_are_marked_as_not_kept() -> None:
    headers = [{"name": "Content-Length", "value": "299"}]
    ((found, _),) = parse_har(har({"request": {"method": "POST", "url": "http://x/", "headers": headers}}))
    assert (found.request_body.size, found.request_body.truncated) == (299, True)


def test_cookies_that_stand_in_no_header_are_sent() -> None:
    cookies = [{"name": "a", "value": "1"}, {"name": "b", "value": "ü"}]
    ((found, _),) = parse_har(har({"request": {"method": "GET", "url": "http://x/", "cookies": cookies}}))
    assert found.request_header("cookie") == "a=1; b=ü".encode().decode("latin-1")


def test_cookies_expire_when_the_answer_says() -> None:
    lines = ("a=1; Expires=Wed, 01 Dec 2027 10:00:00 GMT", "b=2; Max-Age=60; Expires=Wed, 01 Dec 2027 10:00:00 GMT",
             "c=3; Expires=soon; Domain=x.example")  # fmt: skip
    entry = to_entry(exchange(response_headers=tuple(("Set-Cookie", line) for line in lines)))
    assert entry["response"]["cookies"] == [
        {"name": "a", "value": "1", "expires": "2027-12-01T10:00:00Z"},
        {"name": "b", "value": "2", "expires": "2025-11-26T09:41:00.123456Z"},
        {"name": "c", "value": "3", "domain": "x.example"},
    ]


def test_urls_are_valid_and_come_back_as_they_were() -> None:
    odd = exchange(
        target="/gr\xc3\xb6\xc3\x9fe?q={{code_1}}|\xff", public_url="https://x/gr\xc3\xb6\xc3\x9fe?q={{code_1}}|\xff"
    )
    entry = to_entry(odd)
    assert entry["request"]["url"] == "https://x/gr%C3%B6%C3%9Fe?q=%7B%7Bcode_1%7D%7D%7C%FF"
    ((found, _),) = parse_har(har(entry))
    assert (found.target, found.public_url) == (odd.target, odd.public_url)


def test_form_parameters_without_their_text_are_a_body() -> None:
    post = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "ü"}]}
    ((found, _),) = parse_har(har({"request": {"method": "POST", "url": "http://x/", "postData": post}}))
    assert found.request_body.data == b"a+b=%C3%BC"


def test_bodies_that_the_file_leaves_out_are_marked_as_not_kept() -> None:
    entry = {"request": {"method": "GET", "url": "http://x/"}, "response": {"status": 200, "content": {"size": 70}}}
    ((found, _),) = parse_har(har(entry))
    assert found.response_body.truncated
    assert found.response_body.size == 70


def test_pseudo_headers_are_left_out_and_line_breaks_made_harmless() -> None:
    headers = [{"name": ":method", "value": "GET"}, {"name": "X-A", "value": "1\r\nX-B: 2"}, {"name": "N", "value": 5}]
    ((found, _),) = parse_har(har({"request": {"method": "GET", "url": "http://x/", "headers": headers}}))
    assert found.request_headers == (("X-A", "1 X-B: 2"), ("N", "5"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "truncated"),
        (b"[]", "object"),
        (b'{"log": {}}', "entries"),
        (har({"request": {"method": "GET", "url": "http://x/"}}, {"request": {"method": "GET"}}), "entry 2"),
        (har({"request": {"method": "GET", "url": "ftp://x/"}}), "no URL of a web service"),
        (har({"request": {"method": "G E T", "url": "http://x/"}}), "no method"),
        (har({"request": {"method": "GET", "url": "http://x/"}, "startedDateTime": "yesterday"}), "no time"),
    ],
)  # fmt: skip
def test_what_is_no_har_is_explained(data: bytes, words: str) -> None:
    with pytest.raises(HatchwayError, match=words):
        parse_har(data)


def test_a_file_is_put_in_place_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.har"
    path.write_text("old")
    with HarFile(path, None) as file:
        file.add([(exchange(), ())])
    assert path.read_text() == "old"
    with HarFile(path, None) as file:
        file.add([(exchange(), ()), (exchange(), ())])
        file.add([(exchange(), ())])
        file.commit()
    assert [each.method for each, _ in read_har(path)] == ["POST"] * 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.har"]


def test_places_that_cannot_be_written_or_read_are_explained(tmp_path: Path) -> None:
    with pytest.raises(HatchwayError, match="cannot be written"):
        HarFile(tmp_path / "none" / "x.har", None)
    with pytest.raises(HatchwayError, match="cannot be read"):
        read_har(tmp_path / "none.har")


def test_secrets_are_taken_out_of_files(tmp_path: Path) -> None:
    secret = exchange(
        request_headers=(("Authorization", "Bearer abcdefghijk"),), response_body=Body(b'{"token":"xyzxyz1"}')
    )
    with HarFile(tmp_path / "x.har", Redactor()) as file:
        file.add([(secret, [Frame(0, "visitor", "text", 1, b'{"password":"hunter22"}', 23)])])
        file.commit()
    text = (tmp_path / "x.har").read_text()
    assert not any(word in text for word in ("abcdefghijk", "xyzxyz1", "hunter22"))
    assert "{{authorization_1}}" in text


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_no_har(data: bytes) -> None:
    with pytest.raises(HatchwayError):
        parse_har(data)


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.binary(max_size=60), TEXT, st.sampled_from(["gzip", "br", "deflate", "zstd", "identity", "x"]))
def test_any_body_survives(data: bytes, note: str, coding: str) -> None:
    made = exchange(response_body=Body(data), note=note, response_headers=(("Content-Encoding", coding),))
    entry = to_entry(made)
    ((found, _),) = parse_har(har(entry))
    assert to_entry(found)["response"]["content"].get("text") == entry["response"]["content"].get("text")
    assert found.note == note


def test_every_field_of_an_exchange_has_been_thought_of() -> None:
    """Whoever adds a field decides whether HAR can carry it."""
    carried: Callable[[str], bool] = {
        "tunnel", "method", "target", "upstream", "request_headers", "id", "kind", "public_url", "visitor", "replay_of",
        "request_body", "status", "reason", "response_headers", "response_body", "state", "problem", "started_ns",
        "sent_ns",
        "first_byte_ns", "finished_ns", "leak", "frames", "verdict", "pinned", "note", "imported", "tunnel_id", "har",
    }.__contains__  # fmt: skip
    left_out = {"rewriting", "options", "relay_ns", "visitor_request", "delivered", "frames_lost"}
    assert {field.name for field in fields(Exchange) if not carried(field.name)} == left_out
