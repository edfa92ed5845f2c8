"""Ask one listening port for its page: a single harmless GET on loopback, bounded in time and size."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

import httptools

READ_LIMIT = 32 * 1024  # bytes of one answer, headers included
_MAX_REDIRECTS = 2
_CLOSE_SECONDS = 0.05
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_TLS_ALERT = b"\x15\x03"
# What nginx, Apache, Go, Tomcat and Jetty write into the 400 that answers plain HTTP on a TLS port.
_SPEAKS_TLS = (b"to HTTPS port", b"SSL-enabled server port", b"HTTP request to an HTTPS server", b"requires TLS")

Scheme = Literal["http", "https"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. status is 0 if the connection was accepted but nothing was said in time.

    address: the loopback address that answered; headers: of all hops on the same origin, lower-case names;
    body: of the last hop, at most READ_LIMIT bytes, maybe cut.
    """

    scheme: Scheme
    address: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The last value of that name (lower case), "" if absent."""
        return next((value for key, value in reversed(self.headers) if key == name), "")


async def probe(port: int, addresses: Sequence[str], deadline: float) -> Answer | None:
    """GET / on the first of the loopback addresses that accepts a connection; None if it does not speak HTTP/1.

    deadline: in the time of the running loop. Follows at most two redirects within the same origin.
    Tries TLS only if the plain answer (or hanging up without one) suggests it. Raises nothing.
    """
    for address in addresses:
        try:
            heard = await _converse("http", address, port, "/", deadline)
        except TimeoutError:
            return None
        except OSError:
            continue
        scheme: Scheme = "http"
        if heard.wants_tls(port):
            with suppress(OSError):  # TimeoutError and ssl.SSLError are OSErrors
                tls = await _converse("https", address, port, "/", deadline)
                if tls.is_http:
                    heard, scheme = tls, "https"
        if heard.silent:
            return Answer(scheme, address, 0)
        return await _follow(heard, scheme, address, port, deadline) if heard.is_http else None
    return None


async def _follow(heard: _Heard, scheme: Scheme, address: str, port: int, deadline: float) -> Answer:
    answer = Answer(scheme, address, heard.status, tuple(heard.headers), bytes(heard.body))
    url = f"{scheme}://localhost:{port}/"
    for _ in range(_MAX_REDIRECTS):
        target = urljoin(url, answer.header("location"))
        if answer.status not in (301, 302, 303, 307, 308) or target == url or _origin(target) != (scheme, port):
            break
        url = target
        parts = urlsplit(target)
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~") + (
            f"?{quote(parts.query, safe='/%:@!$&()*+,;=-._~?')}" if parts.query else ""
        )
        try:
            heard = await _converse(scheme, address, port, path, deadline)
        except OSError:
            break
        if not heard.is_http:
            break
        answer = replace(answer, status=heard.status, headers=(*answer.headers, *heard.headers), body=bytes(heard.body))
    return answer


def _origin(url: str) -> tuple[str, int] | None:
    """Scheme and port of a URL of this machine, None for any other host."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    return (parts.scheme, port) if parts.hostname in _LOCAL_NAMES else None


class _Heard:
    """One answer while it arrives; httptools calls the `on_…` methods."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()
        self.start = b""
        self.received = 0
        self.silent = False
        self.complete = False
        self._garbage = False
        self._headers_complete = False
        self._parser = httptools.HttpResponseParser(self)

    @property
    def is_http(self) -> bool:
        return self._headers_complete and not self._garbage

    def feed(self, data: bytes) -> bool:
        """Take more bytes; False once there is no use in reading on."""
        self.start = self.start or data[:16]
        data = data[: READ_LIMIT - self.received]
        self.received += len(data)
        # The parser would also take RTSP and ICE.
        if not (b"HTTP/1." + self.start[7:]).startswith(self.start) or (len(self.start) < 7 and self.received > 16):
            self._garbage = True
            return False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return False
        except httptools.HttpParserError:
            # An answer that breaks off in its body is still one that tells what the service is.
            self._garbage = not self._headers_complete
            return False
        return not self.complete and self.received < READ_LIMIT

    def wants_tls(self, port: int) -> bool:
        if self.silent:
            return False
        if not self.received or self.start.startswith(_TLS_ALERT):
            return True
        if self.status == 400:
            return any(sign in self.body for sign in _SPEAKS_TLS)
        location = next((value for name, value in self.headers if name == "location"), "")
        return self.is_http and location.startswith("https://") and _origin(location) == ("https", port)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        # Informational answers (103 Early Hints) come before the real one.
        self._headers_complete = self.status >= 200

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = self._headers_complete


async def _converse(scheme: Scheme, address: str, port: int, target: str, deadline: float) -> _Heard:
    """One request on a connection of its own. Raises OSError (also TimeoutError) only if there is no connection."""
    async with asyncio.timeout_at(deadline):
        if scheme == "https":
            reader, writer = await asyncio.open_connection(
                address, port, ssl=_no_questions(), server_hostname="localhost"
            )
        else:
            reader, writer = await asyncio.open_connection(address, port)
    heard = _Heard()
    try:
        async with asyncio.timeout_at(deadline):
            writer.write(_request(port, target))
            while data := await reader.read(READ_LIMIT):
                if not heard.feed(data):
                    break
    except TimeoutError:
        heard.silent = not heard.received
    except OSError:
        pass  # reset: what was heard until then counts
    finally:
        await _close(writer)
    return heard


async def _close(writer: asyncio.StreamWriter) -> None:
    # A polite end first: services log a traceback on resets.
    writer.close()
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await writer.wait_closed()
    except OSError:
        writer.transport.abort()


def _request(port: int, target: str) -> bytes:
    return (
        f"GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: Hatchway (looks for local services)\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ).encode("ascii")


@cache
def _no_questions() -> ssl.SSLContext:
    """Development certificates are self-signed, and the other end is on this machine by construction."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
