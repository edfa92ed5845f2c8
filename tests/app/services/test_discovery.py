"""The whole scan against real sockets: which services it finds, which it leaves alone, and that it ends in time."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.domain.services import LocalService
from app.domain.upstream import Upstream
from app.services import discovery
from app.services.demo import DemoService
from app.services.discovery import NOT_OFFERED, find_services
from app.services.listening import find_listeners

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Wire:
    """Raw servers of one test, and a scan that leaves the other programs of the machine alone."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.ports: set[int] = set()
        self.requests: list[bytes] = []

    async def serve(self, handler: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> int:
        async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(closing, host, 0, ssl=tls)
        self._stack.callback(server.close)
        port = int(server.sockets[0].getsockname()[1])
        self.ports.add(port)
        return port

    def answering(self, answer: bytes, *, after: float = 0.0) -> Handler:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), after)  # a client that leaves ends the wait
            writer.write(answer)
            await writer.drain()

        return handler

    async def scan(self, *, exclude: int = 0) -> list[LocalService]:
        return await find_services(exclude_ports=frozenset(range(65536)) - self.ports | {exclude})


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take its time; only what never answers runs into this limit."""
    monkeypatch.setattr(discovery, "_SCAN_SECONDS", 3.0)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        yield Wire(stack)


def page(title: str, *headers: str) -> bytes:
    body = f"<title>{title}</title>".encode()
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    certificate, key = self_signed()
    (tmp_path / "pair.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    return context


@asynccontextmanager
async def http_server(folder: Path) -> AsyncIterator[tuple[int, subprocess.Popen[bytes]]]:
    """`python -m http.server` as a process of its own, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        for _ in range(200):
            with socket.socket() as probing:
                if probing.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.02)
        yield port, process
    finally:
        process.kill()
        process.wait()


async def test_finds_services_among_everything_that_listens_and_waits_for_none_of_the_rest(
    wire: Wire, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<title>Static &amp; simple</title>")
    async with http_server(tmp_path) as (static, process):
        wire.ports.add(static)
        vite = await wire.serve(wire.answering(page("My shop")))
        secure = await wire.serve(wire.answering(page("Secure", "Server: Werkzeug/3.1")), tls=tls)
        slow = await wire.serve(wire.answering(page("Slow", "X-Powered-By: Express"), after=0.4))
        await wire.serve(silent)
        await wire.serve(wire.answering(b"\x00\xffgarbage" * 100))
        await wire.serve(wire.answering(b"SSH-2.0-OpenSSH_9.2\r\n"))
        await wire.serve(wire.answering(b""))
        await wire.serve(wire.answering(page("Too slow"), after=30))
        started = time.monotonic()
        services = await wire.scan()
        took = time.monotonic() - started
        assert process.poll() is None
    found = {service.upstream.port: service for service in services}
    assert set(found) == {static, vite, secure, slow}
    assert found[static] == LocalService(
        Upstream("http", "localhost", static), "Python http.server", "Static & simple", found[static].process
    )
    assert found[static].process.startswith("python")
    assert found[secure].upstream.scheme == "https"
    assert (found[secure].framework, found[secure].title) == ("Flask", "Secure")
    assert (found[slow].framework, found[slow].title) == ("Express", "Slow")
    assert (found[vite].framework, found[vite].title) == ("", "My shop")
    assert took < 15  # the answer that comes after 30 s was not waited for


async def test_a_service_on_ipv6_only_is_found_under_a_name_that_reaches_it(wire: Wire) -> None:
    port = await wire.serve(wire.answering(page("Six")), host="::1")
    (service,) = await wire.scan()
    addresses = {info[4][0] for info in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    assert service.upstream == Upstream("http", "localhost" if "::1" in addresses else "::1", port)
    assert service.title == "Six"


@pytest.mark.parametrize("localhost", [{"127.0.0.1"}, {"::1"}, {"127.0.0.1", "::1"}], ids=["IPv4", "IPv6", "both"])
async def test_the_name_localhost_is_used_where_it_answers(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, localhost: set[str]
) -> None:
    async def resolved() -> frozenset[str]:
        return frozenset(localhost)

    monkeypatch.setattr(discovery, "_localhost_addresses", resolved)
    four = await wire.serve(wire.answering(page("Four")))
    six = await wire.serve(wire.answering(page("Six")), host="::1")
    hosts = {service.upstream.port: service.upstream.host for service in await wire.scan()}
    assert hosts == {
        four: "localhost" if "127.0.0.1" in localhost else "127.0.0.1",
        six: "localhost" if "::1" in localhost else "::1",
    }


async def test_asks_once_politely_and_only_for_the_page(wire: Wire) -> None:
    port = await wire.serve(wire.answering(page("Once")))
    await wire.scan()
    (request,) = wire.requests
    assert request.startswith(b"GET / HTTP/1.1\r\n")
    assert f"\r\nHost: localhost:{port}\r\n".encode() in request


async def test_follows_redirects_within_the_service_but_not_to_others(wire: Wire) -> None:
    async def login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        redirect = (
            b"HTTP/1.1 302 Found\r\nX-Powered-By: Express\r\nLocation: /login?next=%2F\r\nContent-Length: 0\r\n\r\n"
        )
        writer.write(page("Sign in") if request.startswith(b"GET /login?next=%2F HTTP/1.1") else redirect)

    inside = await wire.serve(login)
    stranger = await wire.serve(wire.answering(page("Stranger")))
    elsewhere = await wire.serve(
        wire.answering(f"HTTP/1.1 302 Found\r\nLocation: http://localhost:{stranger}/\r\n\r\n".encode())
    )
    outside = await wire.serve(wire.answering(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n"))
    found = {service.upstream.port: service for service in await wire.scan(exclude=stranger)}
    assert (found[inside].framework, found[inside].title) == ("Express", "Sign in")
    assert found[elsewhere].title == found[outside].title == ""
    assert len(wire.requests) == 2  # one each for `elsewhere` and `outside`, none for the stranger


async def test_reads_no_more_than_it_needs_of_an_endless_page(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_SCAN_SECONDS", 50.0)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Endless</title>")
        while True:
            writer.write(b"x" * 8192)
            await writer.drain()

    await wire.serve(endless)
    started = time.monotonic()
    (service,) = await wire.scan()
    assert service.title == "Endless"
    assert time.monotonic() - started < 25  # the limit ends it, not the deadline


async def test_an_answer_that_stalls_in_its_body_still_counts(wire: Wire) -> None:
    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Stalls</title>")
        await reader.read()

    await wire.serve(stalls)
    assert [service.title for service in await wire.scan()] == ["Stalls"]


async def test_plain_http_refused_with_a_hint_at_tls_leads_to_https(wire: Wire, tls: ssl.SSLContext) -> None:
    refusal = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"

    async def go_like(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # As Go does it: look at the first byte; 0x16 opens a TLS handshake.
        first = await reader.readexactly(1)
        if first != b"\x16":
            writer.write(refusal)
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", inner)
        inner_writer.write(first)

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(4096):
                sink.write(data)
            sink.close()

        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    inner = await wire.serve(wire.answering(page("Inside")), tls=tls)
    port = await wire.serve(go_like)
    (service,) = await wire.scan(exclude=inner)
    assert service.upstream == Upstream("https", "localhost", port)
    assert service.title == "Inside"


async def test_a_silent_server_is_listed_if_its_command_says_what_it_is(wire: Wire, tmp_path: Path) -> None:
    script = "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\n"
    script += "print(s.getsockname()[1], flush=True)\ntime.sleep(60)\n"
    (tmp_path / "manage.py").write_text(script)
    command = [sys.executable, "manage.py", "runserver"]
    await wire.serve(silent)
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        port = int(process.stdout.readline())
        wire.ports.add(port)
        services = await wire.scan()
        process.kill()
    assert [(service.upstream, service.framework, service.title) for service in services] == [
        (Upstream("http", "localhost", port), "Django", "")
    ]


async def test_asks_the_most_promising_ports_where_there_are_too_many(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [await wire.serve(wire.answering(page("One of many"))) for _ in range(4)]
    monkeypatch.setattr(discovery, "MAX_PORTS", 2)
    monkeypatch.setattr(discovery, "_COMMON", frozenset({max(ports)}))
    found = [service.upstream.port for service in await wire.scan()]
    assert found == [max(ports), min(ports)]
    assert len(wire.requests) == 2


async def test_development_servers_come_first(wire: Wire) -> None:
    unknown = await wire.serve(wire.answering(page("Unknown")))
    server = await wire.serve(wire.answering(page("Server", "Server: nginx/1.27")))
    django = await wire.serve(wire.answering(page("Django", "Set-Cookie: csrftoken=x")))
    ports = [service.upstream.port for service in await wire.scan()]
    assert ports[0] == django
    assert ports[1:] == sorted((unknown, server))


async def test_our_own_helpers_are_left_out_even_when_nobody_excludes_them(wire: Wire) -> None:
    demo = DemoService()
    upstream = await demo.start()
    try:
        wire.ports.add(upstream.port)
        assert upstream.port in {listener.port for listener in find_listeners()}
        assert await wire.scan() == []
    finally:
        await demo.stop()


async def test_excluded_ports_are_not_contacted(wire: Wire) -> None:
    port = await wire.serve(wire.answering(page("Mine")))
    assert await wire.scan(exclude=port) == []
    assert wire.requests == []


@pytest.mark.parametrize("port", [22, 25, 53, 111, 139, 445, 631, 2375, 3306, 5432, 6379, 9222, 11211, 27017])
def test_databases_and_control_ports_are_never_asked(port: int) -> None:
    assert port in NOT_OFFERED


@pytest.mark.parametrize("port", [80, 443, 1313, 3000, 4200, 4321, 5000, 5173, 7860, 8000, 8080, 8501, 8888, 9000])
def test_ports_of_development_servers_are_asked(port: int) -> None:
    assert port not in NOT_OFFERED
