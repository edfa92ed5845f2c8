"""Files of other programs: what HAR can carry is the same after import and export; bodies are those that were sent."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from app.content.codings import decode_body
from app.domain.exchange import Body, Exchange
from app.domain.frame import Frame
from app.interchange.har_entry import to_entry
from app.interchange.har_import import parse_har, read_har

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*.har"))
RAW = bytes([0, 255, 128, 13, 10])
UPLOADED = bytes([0, 255, 254, 13, 10, 128, 1])


def entries(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["log"]["entries"])


def pairs() -> list[Any]:
    """Every entry with what became of it."""
    return [
        pytest.param(entry, *found, id=f"{path.stem} {number} {entry['request']['method']}")
        for path in FILES
        for number, (entry, found) in enumerate(zip(entries(path), read_har(path), strict=True))
    ]


def named(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["name"], item["value"]) for item in items if not item["name"].startswith(":")]


def one(path: str, end: str, method: str) -> Exchange:
    """The exchange of a file whose URL ends so."""
    found = [each for each, _ in read_har(SAMPLES / path) if each.target.endswith(end) and each.method == method]
    return found[-1]


def plain(body: Body, coding: str | None) -> bytes:
    return decode_body(body.data, coding).data


@pytest.mark.parametrize(("before", "found", "frames"), pairs())
def test_what_har_carries_is_not_lost(before: dict[str, Any], found: Exchange, frames: list[Frame]) -> None:
    after = to_entry(found, frames)
    for side in ("request", "response"):
        assert named(after[side]["headers"]) == named(before[side]["headers"])
        assert after[side]["httpVersion"] == before[side]["httpVersion"]
        assert after[side]["headersSize"] == before[side]["headersSize"]
        assert after[side]["bodySize"] == before[side]["bodySize"] or before[side]["bodySize"] < 0  # unknown
        # mitmproxy takes the quotation marks off; DevTools leaves out those of a WebSocket, which its headers have.
        cookies = [(name, value.strip('"')) for name, value in named(after[side]["cookies"])]
        assert not before[side]["cookies"] or cookies == [
            (name, value.strip('"')) for name, value in named(before[side]["cookies"])
        ]
    request, response = after["request"], after["response"]
    assert (request["method"], request["url"]) == (before["request"]["method"], before["request"]["url"])
    # Chromium leaves queries encoded.
    query = [(unquote_plus(name), unquote_plus(value)) for name, value in named(before["request"]["queryString"])]
    assert named(request["queryString"]) == query
    assert (response["status"], response["statusText"]) == (
        before["response"]["status"],
        before["response"]["statusText"],
    )
    if before["response"]["redirectURL"]:  # Playwright makes it absolute, and leaves it out of a 201
        assert before["response"]["redirectURL"].endswith(response["redirectURL"])
    assert response["content"].get("text", "") == text_of(before["response"]["content"], response["content"])
    assert datetime.fromisoformat(after["startedDateTime"]) == datetime.fromisoformat(before["startedDateTime"])
    assert after["time"] == pytest.approx(before["time"], abs=1e-5)
    known = {name: value for name, value in before["timings"].items() if not name.startswith("_")}
    assert after["timings"] == known
    assert after["cache"] == before["cache"]
    for name in ("serverIPAddress", "connection"):
        assert after.get(name) == (before.get(name) or None)
    assert len(frames) == len(before.get("_webSocketMessages", []))


def text_of(content: dict[str, Any], like: dict[str, Any]) -> str:
    """The text as we write it: base64 only for what is no text."""
    text = str(content.get("text", ""))
    if content.get("encoding") == "base64" and "encoding" not in like:
        return base64.b64decode(text).decode("utf-8")
    return text


@pytest.mark.parametrize("file", ["mitmproxy.har", "devtools.har", "playwright.har"])
def test_bodies_are_those_that_were_sent(file: str) -> None:
    order = one(file, "/orders", "POST") if file != "mitmproxy.har" else read_har(SAMPLES / file)[1][0]
    assert order.request_body.data == '{"name":"Grüße 漢字 😀","n":1}'.encode()
    assert one(file, "/old", "GET").response_header("location") == "/new?a=1"
    latin = one(file, "/latin", "GET")
    assert latin.response_body.data == "Größe für Ärger".encode("latin-1"), "in its own charset, as its headers say"
    page = one(file, "/page", "GET")
    assert page.response_body.data[:2] == b"\x1f\x8b", "in the coding of its headers"
    assert plain(page.response_body, "gzip") == ("<!doctype html><p>" + "Grüße " * 30).encode()
    raw = one(file, "/raw", "PUT")
    assert raw.response_body.data == RAW
    if file == "playwright.har":
        assert (raw.request_body.data, raw.request_body.size) == (b"", 5), "left out there, and marked as not kept"
    else:
        assert raw.request_body.data == RAW


@pytest.mark.parametrize("file", ["mitmproxy.har", "devtools.har", "playwright.har"])
def test_uploads_are_as_whole_as_the_file_has_them(file: str) -> None:
    body = one(file, "/upload", "POST").request_body
    match file:
        case "mitmproxy.har":
            assert UPLOADED in body.data
            assert "übung".encode() in body.data
            assert len(body.data) == 281
        case "devtools.har":
            assert b'filename="raw.bin"' in body.data
            assert "\ufffd".encode() in body.data, "bytes that DevTools had lost"
            assert "does not hold the exact body" in one(file, "/upload", "POST").note
        case _:
            assert (body.data, body.size, body.truncated) == (b"", 299, True)


def test_texts_that_are_no_utf_8_come_back_from_mitmproxys_surrogates() -> None:
    found = [each.request_body.data for each, _ in read_har(SAMPLES / "mitmproxy.har")]
    assert b'{"name": "Gr\xfc\xdfe"}' in found
    assert "Größe".encode("latin-1") in found
    coded = [each for each, _ in read_har(SAMPLES / "mitmproxy.har") if each.request_header("content-encoding")]
    assert [plain(each.request_body, "gzip") for each in coded] == [b'{"n": 1}' * 20]


@pytest.mark.parametrize("file", ["mitmproxy.har", "devtools.har", "playwright.har"])
def test_messages_of_websockets_keep_their_time_direction_and_bytes(file: str) -> None:
    before = entries(SAMPLES / file)[-1]
    found, frames = read_har(SAMPLES / file)[-1]
    assert (found.kind, found.status) == ("websocket", 101)
    told = {(frame.direction, frame.kind, frame.data) for frame in frames}
    assert told == {
        ("visitor", "text", "hällo".encode()),
        ("upstream", "text", "got hällo".encode()),
        ("visitor", "binary", bytes([0, 255, 128])),
        ("upstream", "binary", bytes([128, 255, 0])),
        ("visitor", "text", b"bye"),
        ("upstream", "text", b"bye"),
    }
    assert all(abs(frame.time_ns - found.started_ns) < 5e9 for frame in frames), "seconds or milliseconds"
    scale = 1000 if file == "playwright.har" else 1
    for message, again in zip(before["_webSocketMessages"], to_entry(found, frames)["_webSocketMessages"], strict=True):
        assert again["time"] * scale == pytest.approx(message["time"], abs=1e-3)
        assert {**again, "time": 0} == {**message, "time": 0}


def test_a_second_trip_changes_nothing() -> None:
    for path in FILES:
        first = [to_entry(each, frames) for each, frames in read_har(path)]
        data = json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": first}})
        again = [to_entry(each, frames) for each, frames in parse_har(data.encode("utf-8", "surrogatepass"))]
        for each in (*first, *again):
            each["_hatchway"].pop("id")
        assert again == first


def test_forms_of_which_only_the_parameters_are_there_are_put_together() -> None:
    body = one("charles.har", "/upload", "POST").request_body
    assert body.data.startswith('--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nübung\r\n--B\r\n'.encode())
    assert b'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n' in body.data


def test_bodies_that_firefox_leaves_out_are_not_kept() -> None:
    body = one("firefox.har", "/big.bin", "GET").response_body
    assert (body.data, body.size, body.truncated) == (b"", 7_000_000, True)
