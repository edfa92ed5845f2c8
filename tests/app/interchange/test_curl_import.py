from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import HatchwayError
from app.interchange.curl_import import parse_curl
from app.interchange.shell_words import posix_words

CHROME = r"""curl 'http://127.0.0.1:4780/shop/api/pay?x=1' \
  -H 'Accept: */*' \
  -H 'Accept-Language: de-DE,de;q=0.9' \
  -b 'sid=abc; theme=dark' \
  -H 'Content-Type: application/json' \
  -H 'User-Agent: Mozilla/5.0 (X11)' \
  --data-raw $'{"name":"O\'Brien","text":"a\\nb","u":"\u00fc"}' \
  --compressed"""
CHROME_CMD = (
    'curl ^"http://127.0.0.1:4780/shop/api^" ^\r\n  -X ^"PUT^" ^\r\n  -H ^"Content-Type: application/json^" ^\r\n'
    '  --data-raw ^"^{^\\^"a^\\^":^\\^"b ^& c^\\^"^}^"'
)
FIREFOX = """curl 'https://shop.example.com/form' --compressed -X POST -H 'User-Agent: Mozilla/5.0' \\
-H 'Content-Type: application/x-www-form-urlencoded' -H 'Origin: https://shop.example.com' --data-raw 'a=1&b=%20x'"""
SAFARI = """curl 'https://shop.example.com/' \\
-X 'GET' \\
-H 'Accept: text/html' \\
-H 'Cookie: a=1'"""


def test_a_command_of_chrome() -> None:
    found = parse_curl(CHROME)
    assert found.origin == "http://127.0.0.1:4780"
    request = found.request
    assert (request.method, request.target) == ("POST", "/shop/api/pay?x=1")
    assert request.body == '{"name":"O\'Brien","text":"a\\nb","u":"ü"}'.encode()
    assert request.headers == (
        ("Host", "127.0.0.1:4780"),
        ("Accept", "*/*"),
        ("Accept-Language", "de-DE,de;q=0.9"),
        ("Content-Type", "application/json"),
        ("User-Agent", "Mozilla/5.0 (X11)"),
        ("Cookie", "sid=abc; theme=dark"),
        ("Accept-Encoding", "deflate, gzip, br, zstd"),
        ("Content-Length", str(len(request.body))),
    )


def test_a_command_of_chrome_for_windows() -> None:
    request = parse_curl(CHROME_CMD).request
    assert (request.method, request.target, request.body) == ("PUT", "/shop/api", b'{"a":"b & c"}')


def test_a_command_of_firefox_and_one_of_safari() -> None:
    request = parse_curl(FIREFOX).request
    assert (request.method, request.body) == ("POST", b"a=1&b=%20x")
    request = parse_curl(SAFARI).request
    assert (request.method, request.target, request.body) == ("GET", "/", b"")
    assert ("Cookie", "a=1") in request.headers


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
        ("curl localhost:3000", "GET", "/", b""),
        ("$ curl http://x/a b ; rm -rf /", "GET", "/a", b""),
        ("curl -I http://x/", "HEAD", "/", b""),
        ("curl -XDELETE http://x/1", "DELETE", "/1", b""),
        ("curl -sSLk -d a=1 -d 'b=2' http://x/", "POST", "/", b"a=1&b=2"),
        ("curl -G -d a=1 --data-urlencode 'q=ä b' http://x/s?z=0", "GET", "/s?z=0&a=1&q=%C3%A4%20b", b""),
        ("curl --json '{}' http://x/", "POST", "/", b"{}"),
        ("curl --request=PATCH --data-binary $'\\x00\\xff' --url http://x/", "PATCH", "/", b"\x00\xff"),
        ('curl "http://x/$HOME\\"q"', "GET", '/$HOME"q', b""),
        ("/usr/bin/curl --data-raw @name http://x/", "POST", "/", b"@name"),
    ],
)  # fmt: skip
def test_options_as_people_write_them(command: str, method: str, target: str, body: bytes) -> None:
    request = parse_curl(command).request
    assert (request.method, request.target, request.body) == (method, target, body)


def test_forms_become_multipart() -> None:
    request = parse_curl("curl -F 'a=1' -F 'b={};type=application/json' --form-string 'c=@x;y' http://x/").request
    (kind,) = [value for name, value in request.headers if name == "Content-Type"]
    boundary = kind.removeprefix("multipart/form-data; boundary=").encode()
    parts = request.body.split(b"--" + boundary)
    assert parts[1] == b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    assert parts[2] == b'\r\nContent-Disposition: form-data; name="b"\r\nContent-Type: application/json\r\n\r\n{}\r\n'
    assert parts[3].endswith(b"\r\n\r\n@x;y\r\n")
    assert parts[4] == b"--\r\n"


def test_users_become_basic_authorization() -> None:
    for command in ("curl -u joe:secret http://x/", "curl http://joe:secret@x/"):
        found = parse_curl(command)
        assert ("Authorization", "Basic am9lOnNlY3JldA==") in found.request.headers
        assert found.origin == "http://x"


def test_what_a_request_has_no_place_for_is_told() -> None:
    assert parse_curl("curl -o out.txt --max-time 5 http://x/").remarks == ("--output out.txt", "--max-time 5")


@pytest.mark.parametrize(
    "command",
    ["", "wget http://x", "curl", "curl 'http://x", "curl --frobnicate http://x", "curl -d @file http://x",
     "curl -F a=@f http://x", "curl -H", "curl -b jar.txt http://x", "curl ftp://x/", "curl -% http://x",
     "curl http://[x/", "curl -H 'no colon' http://x"],
)  # fmt: skip
def test_what_cannot_be_read_is_explained(command: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        parse_curl(command)
    assert caught.value.problem.code == "bad_curl"


@given(st.text(alphabet="curl -HXdFb'\"$\\^\n@=:;&{}%xu0/ä", max_size=50))
def test_any_text_is_read_or_explained(text: str) -> None:
    with contextlib.suppress(HatchwayError):
        assert parse_curl(f"curl {text}").origin.startswith("http")


@given(st.lists(st.text(max_size=10)))
def test_quoted_words_come_back(words: list[str]) -> None:
    import shlex

    assert posix_words(shlex.join(words)) == words
