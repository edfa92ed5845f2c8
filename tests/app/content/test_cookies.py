from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.cookies import (
    Cookie,
    SetCookie,
    cookie_date,
    lifetime,
    parse_set_cookie,
    refusal,
    request_cookies,
    set_cookies,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "cookies"),
    [
        ("", []),
        ("a=1", [("a", "1")]),
        ("a=1; b=2;c=3 ;; d", [("a", "1"), ("b", "2"), ("c", "3"), ("", "d")]),
        ('a="x y"; b=k=v==', [("a", '"x y"'), ("b", "k=v==")]),
        ("a=1; a=2", [("a", "1"), ("a", "2")]),
        ("=x; y=", [("", "x"), ("y", "")]),
    ],
)
def test_cookies_of_a_request(text: str, cookies: list[tuple[str, str]]) -> None:
    assert [(cookie.name, cookie.value) for cookie in request_cookies((("Cookie", text),))] == cookies


def test_several_cookie_headers_are_one_list() -> None:
    headers = (("cookie", "a=1"), ("Accept", "x=y"), ("COOKIE", "b=2"))
    assert request_cookies(headers) == [Cookie("a", "1"), Cookie("b", "2")]


def test_a_set_cookie_keeps_its_attributes_as_written() -> None:
    text = "sid = a=b ; Path=/; HttpOnly;secure; SameSite = Lax; Expires=Wed, 21 Oct 2026 07:28:00 GMT;; X=1"
    cookie = parse_set_cookie(text)
    assert (cookie.name, cookie.value) == ("sid", "a=b")
    assert cookie.attributes == (
        ("Path", "/"),
        ("HttpOnly", ""),
        ("secure", ""),
        ("SameSite", "Lax"),
        ("Expires", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("X", "1"),
    )
    assert cookie.attribute("HTTPONLY") == ""
    assert cookie.attribute("Domain") is None


def test_each_set_cookie_header_is_one_cookie() -> None:
    headers = (("Set-Cookie", "a=1, b=2"), ("set-cookie", "c"), ("Cookie", "d=4"))
    assert set_cookies(headers) == [SetCookie("a", "1, b=2"), SetCookie("", "c")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a=1", ""),
        ("a=1; SameSite=None; Secure", ""),
        ("a=1; SameSite=None", "SameSite=None needs Secure"),
        ("a=1; SameSite=None; SameSite=Lax", ""),
        ("a=1; Partitioned", "Partitioned needs Secure"),
        ("__Secure-a=1", "__Secure- needs Secure"),
        ("__secure-a=1; Secure", ""),
        ("__Host-a=1; Secure; Path=/", ""),
        ("__Host-a=1; Path=/", "__Host- needs Secure"),
        ("__Host-a=1; Secure", "__Host- needs Path=/ and no Domain"),
        ("__Host-a=1; Secure; Path=/; Domain=example.org", "__Host- needs Path=/ and no Domain"),
        ("; Path=/", "has neither a name nor a value"),
        ("=", "has neither a name nor a value"),
        ("a=1\x00", "has a control character"),
        ("a=" + "x" * 4096, "name and value are longer than 4096 bytes"),
        ("a=" + "x" * 4095, ""),
    ],
)
def test_what_browsers_refuse_is_explained(text: str, why: str) -> None:
    assert refusal(parse_set_cookie(text)) == why


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("", None),
        ("; Max-Age=60", 60),
        ("; Max-Age=0", 0),
        ("; Max-Age=-5", 0),
        ("; Max-Age=soon", None),
        ("; Max-Age=60; Max-Age=x", 60),
        ("; Expires=Fri, 02 Jan 2026 03:05:05 GMT", 60),
        ("; Expires=Fri, 02 Jan 2026 03:05:05 GMT; Max-Age=7", 7),
        ("; Expires=Thu, 01 Jan 1970 00:00:00 GMT", -NOW.timestamp()),
        ("; Expires=never", None),
    ],
)
def test_how_long_a_cookie_lives(attributes: str, seconds: float | None) -> None:
    assert lifetime(parse_set_cookie("a=1" + attributes), NOW.timestamp()) == seconds


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", datetime(2015, 10, 21, 7, 28, tzinfo=UTC)),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", datetime(2015, 10, 21, 7, 28, tzinfo=UTC)),
        ("Wed Oct 21 07:28:00 2015", datetime(2015, 10, 21, 7, 28, tzinfo=UTC)),
        ("21 Oct 70 7:8:9", datetime(1970, 10, 21, 7, 8, 9, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Mon, 30 Feb 2015 00:00:00 GMT", None),
        ("Wed, 21 Oct 2015 24:00:00 GMT", None),
        ("21 Oct 1600 00:00:00", None),
        ("Oct 2015 07:28:00", None),
        ("", None),
    ],
)
def test_dates_are_read_as_browsers_do(text: str, date: datetime | None) -> None:
    assert cookie_date(text) == date


@given(st.text(max_size=200))
def test_any_text_is_some_cookie(text: str) -> None:
    cookie = parse_set_cookie(text)
    refusal(cookie)
    seconds = lifetime(cookie, NOW.timestamp())
    assert seconds is None or seconds == seconds
    assert ";" not in cookie.name + cookie.value
    assert all(";" not in name + value for name, value in cookie.attributes)


NAMES = st.text("abcXYZ019_-.$", min_size=1)
VALUES = st.text("abc XYZ019=_-/:\"'").map(str.strip)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
def test_what_was_joined_is_split(pairs: list[tuple[str, str]]) -> None:
    header = "; ".join(f"{name}={value}" for name, value in pairs)
    assert [(cookie.name, cookie.value) for cookie in request_cookies((("Cookie", header),))] == pairs
