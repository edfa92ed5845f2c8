"""Key sets over real TLS."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from backend_lambda.adapters.tokens import download as module
from backend_lambda.adapters.tokens.download import download
from backend_lambda.adapters.tokens.errors import KeysUnavailable
from tests.app.upstream.conftest import certificate, tls

__all__ = ["certificate", "tls"]


class _Provider(http.server.BaseHTTPRequestHandler):
    answer: ClassVar[tuple[int, bytes, dict[str, str]]] = (200, b"", {})
    paths: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.paths.append(self.path)
        status, body, headers = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def provider(tls: ssl.SSLContext) -> Iterator[str]:
    """Its address."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Provider)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    _Provider.paths.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_the_body_of_a_200(provider: str, trusting: ssl.SSLContext) -> None:
    _Provider.answer = (200, b'{"keys":[]}', {})
    assert download(f"{provider}/keys?v=1", context=trusting) == b'{"keys":[]}'
    assert download(provider, context=trusting) == b'{"keys":[]}'
    assert _Provider.paths == ["/keys?v=1", "/"]


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404, 500, 503, 204])
def test_any_other_status_and_redirects_too(status: int, provider: str, trusting: ssl.SSLContext) -> None:
    _Provider.answer = (status, b"", {"Location": f"{provider}/elsewhere"})
    with pytest.raises(KeysUnavailable, match=f"localhost answered {status}"):
        download(f"{provider}/keys", context=trusting)
    assert _Provider.paths == ["/keys"]


def test_a_certificate_that_nobody_signed(provider: str) -> None:
    with pytest.raises(KeysUnavailable, match="SSLCertVerificationError"):
        download(f"{provider}/keys")
    assert _Provider.paths == []


def test_too_much(provider: str, trusting: ssl.SSLContext) -> None:
    _Provider.answer = (200, b"x" * (module._LARGEST + 1), {})
    with pytest.raises(KeysUnavailable, match="more than"):
        download(f"{provider}/keys", context=trusting)


def test_too_slow(provider: str, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend_lambda.adapters.tokens.download.time.monotonic", iter(range(0, 100, 4)).__next__)
    _Provider.answer = (200, b"{}", {})
    with pytest.raises(KeysUnavailable, match="longer than 3 s"):
        download(f"{provider}/keys", context=trusting)


def test_nobody_there() -> None:
    with pytest.raises(KeysUnavailable, match=r"localhost cannot be reached \(ConnectionRefusedError\)"):
        download("https://localhost:9/keys?secret=1")
