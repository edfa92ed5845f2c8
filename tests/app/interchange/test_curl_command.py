from __future__ import annotations

import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.domain.exchange import Exchange
from app.interchange.curl_command import curl_command
from tests.app.fake_workspace import an_exchange


def test_a_plain_get() -> None:
    assert curl_command(an_exchange("GET", "/a")) == "curl \\\n  http://shop.localhost:4780/a"


def test_secrets_become_shell_variables() -> None:
    exchange = an_exchange(
        request_headers=(("Authorization", "Bearer s3cret"), ("Cookie", "a=1"), ("X-Api-Key", "k3y"), ("Accept", "*/*"))
    )
    command = curl_command(exchange)
    assert "s3cret" not in command
    assert "a=1" not in command
    assert "k3y" not in command
    assert "--header 'Authorization: '\"$AUTHORIZATION\"" in command
    assert '"$COOKIE"' in command
    assert '"$X_API_KEY"' in command
    assert "--header 'Accept: */*'" in command


def test_nothing_in_the_command_steers_the_terminal_it_is_pasted_into() -> None:
    headers = (("User-Agent", "a\x1b[201~\x9b31m"), ("Accept", "*/*"))
    command = curl_command(an_exchange("POST", "/a\x9b31m", body=b"x\x1b[201~\nid\n", request_headers=headers))
    assert command.replace("\n", "").isprintable()


class Recorder(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, list[tuple[str, str]], bytes]]

    def _record(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, list(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_HEAD = _record

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl and a POSIX shell")
@pytest.mark.parametrize(
    ("method", "target", "body", "headers"),
    [
        ("GET", "/a?x[]=1&y={2}&z='q'", b"", ()),
        ("HEAD", "/", b"", ()),
        ("POST", "/a/../b/%2F", b'it\'s $HOME `id` "x" \\ \n\xc3\xbc', (("Content-Type", "text/plain"),)),
        ("POST", "/binary", bytes(range(256)), (("Content-Type", "application/octet-stream"),)),
        ("PUT", "/form", b"@file", (("X-Empty", ""), ("X-Quote", 'it\'s "$X"'))),
        ("GET", "/get-with-body", b"{}", (("content-type", "application/json"),)),
        ("PATCH", "/", b"", ()),
        ("POST", "/", b"a\x1b[201~\nid\n", (("X-Steer", "100%s \\n it's \x1b[201~ end"),)),
        ("GET", "/a?utf-8=\xc3\xbc", b"", (("X-Utf-8", "caf\xc3\xa9"),)),
        ("GET", "/a?latin-1=\xfc", b"", (("X-Latin-1", "caf\xe9"),)),
    ],
    ids=[
        *("globbing", "head", "quoting", "binary", "empty-header", "get-body", "patch", "terminal-escapes"),
        *("raw-utf-8", "raw-latin-1"),
    ],
)
def test_the_shell_sends_the_same_request(
    method: str, target: str, body: bytes, headers: tuple[tuple[str, str], ...]
) -> None:
    seen: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
    handler = type("Handler", (Recorder,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        secret = (("Authorization", "Bearer x"), ("Accept-Encoding", "gzip"), ("Content-Length", str(len(body))))
        exchange: Exchange = an_exchange(method, target, body=body, request_headers=(*headers, *secret))
        exchange.public_url = f"http://127.0.0.1:{server.server_port}{target}"
        environment = {"AUTHORIZATION": "Bearer mine", "PATH": "/usr/local/bin:/usr/bin:/bin", "NO_PROXY": "*"}
        subprocess.run(["sh", "-c", curl_command(exchange)], check=True, env=environment, timeout=20)
        server.shutdown()
    ((got_method, got_target, got_headers, got_body),) = seen
    assert (got_method, got_target, got_body) == (method, target, body)
    for name, value in headers:
        assert (name, value) in got_headers
    assert ("Authorization", "Bearer mine") in got_headers
    sent_types = [value for name, value in got_headers if name.lower() == "content-type"]
    assert sent_types == [value for name, value in headers if name.lower() == "content-type"]
