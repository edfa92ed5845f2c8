from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import HatchwayError
from app.domain.upstream import Upstream, parse_upstream


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("3000", "http://localhost:3000"),
        (" :3000 ", "http://localhost:3000"),
        ("localhost:5173", "http://localhost:5173"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("my_host:80", "http://my_host"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://app.test", "https://app.test"),
        ("https://app.test:8443", "https://app.test:8443"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("http://[::1]", "http://[::1]"),
        ("HTTP://LocalHost:80", "http://localhost"),
    ],
)
def test_reads_what_people_type(text: str, origin: str) -> None:
    assert parse_upstream(text).origin == origin


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "which service"),
        ("0", "not a port"),
        ("65536", "not a port"),
        ("localhost:99999999999999999999", "port"),
        ("localhost:http", "port"),
        ("ftp://localhost", "ftp://"),
        ("http://user:secret@localhost:3000", "password"),
        ("http://localhost:3000/api", "whole service"),
        ("http://localhost:3000/?a=1", "whole service"),
        ("http://", "host name"),
        ("http://[::1", "not a URL"),
        ("two words", "host name"),
        ("http://exa mple", "host name"),
        ("http://a\r\nHost: b", "not a port"),
    ],
)
def test_says_what_is_wrong(text: str, word: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        parse_upstream(text)
    assert caught.value.problem.code == "bad_upstream"
    assert word in str(caught.value.problem)
    assert "secret" not in str(caught.value.problem)


@given(st.text(max_size=40))
def test_any_text_is_an_upstream_or_a_clear_error(text: str) -> None:
    try:
        upstream = parse_upstream(text)
    except HatchwayError as error:
        side = error.problem.side
    else:
        side = "you"
        assert parse_upstream(upstream.origin) == upstream
    assert side == "you"


@given(st.sampled_from(["http", "https"]), st.sampled_from(["localhost", "::1", "10.0.0.1"]), st.integers(1, 65535))
def test_the_origin_leads_back_to_the_same_upstream(scheme: str, host: str, port: int) -> None:
    upstream = Upstream("https" if scheme == "https" else "http", host, port)
    assert parse_upstream(upstream.origin) == upstream
