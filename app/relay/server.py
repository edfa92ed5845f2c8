"""Runs the relay on a socket with uvicorn, in whatever process calls it."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

import uvicorn

from app.domain.hosts import is_loopback_host
from app.domain.problems import HatchwayError, fail
from app.relay.application import RelayApplication, RelayConfig
from app.relay.http_protocol import VisitorProtocol
from app.relay.socket_protocol import SocketProtocol
from backend_lambda.rewrite.rewriters import warm_up

_BACKLOG = 2048
_MOST_WEBSOCKET_MESSAGE = 16 * 1024 * 1024  # bytes of one message of a visitor
_GRACE_SECONDS = 0.2  # for running requests at the end; whoever started us kills us soon after


def bind(config: RelayConfig) -> socket.socket:
    """The listening socket. Raises HatchwayError `port_in_use`, `bad_address` or `token_needed`."""
    if not config.tokens:
        # A proxy in front makes a relay on loopback as public as any.
        public_host = None if config.public_url is None else urlsplit(config.public_url).hostname or ""
        if public_host is not None and not is_loopback_host(public_host):
            raise _token_needed(f"at {config.public_url}")
        if not is_loopback_host(config.host):
            raise _token_needed(f"on {config.host}")
    try:
        infos = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise fail(
            "bad_address", f"{config.host} is not an address of this computer ({error})", "you", "Check --listen."
        ) from None
    family, _, _, _, address = infos[0]
    if not config.tokens and not is_loopback_host(str(address[0])):
        raise _token_needed(f"on {config.host} ({address[0]})")  # a name below .localhost that means something else
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        claim_port(listener)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "in use" if error.errno == errno.EADDRINUSE else "not allowed for you"
            raise fail(
                "port_in_use", f"Port {config.port} on {config.host} is {why}", "you", "Choose another port."
            ) from None
        raise fail(
            "bad_address", f"Cannot listen on {config.host}: {error.strerror}", "you", "Check --listen."
        ) from None
    listener.setblocking(False)
    return listener


def claim_port(listener: socket.socket) -> None:
    """Before `bind`: the port shall be ours alone, though not wait for old connections of it to time out."""
    if sys.platform == "win32":
        # SO_REUSEADDR lets two processes share a port there, and either may get a connection.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def base_url(config: RelayConfig, port: int) -> str:
    """Where visitors reach a relay that listens on this port."""
    if config.public_url is not None:
        return config.public_url.rstrip("/")
    host = config.host
    if host in ("0.0.0.0", "::", ""):
        host = _lan_address()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _token_needed(where: str) -> HatchwayError:
    return fail(
        "token_needed",
        f"A relay {where} can be reached by other computers, so it needs a token",
        "you",
        "Give --token-file FILE, or use it on this computer only.",
    )


class RelayServer(uvicorn.Server):
    """uvicorn without its own signal handling: the caller decides when it ends (`should_exit`)."""

    def __init__(self, config: RelayConfig, listener: socket.socket, on_ready: Callable[[str], None]) -> None:
        port = listener.getsockname()[1]
        self.url = base_url(config, port)
        self._on_ready = on_ready
        self._listener = listener
        super().__init__(
            uvicorn.Config(
                RelayApplication(config, self.url),
                http=VisitorProtocol,
                ws=SocketProtocol,
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                ws_max_size=_MOST_WEBSOCKET_MESSAGE,
                ws_per_message_deflate=False,
                timeout_keep_alive=VisitorProtocol.idle_seconds,  # type: ignore[arg-type]
                timeout_graceful_shutdown=_GRACE_SECONDS,  # type: ignore[arg-type]
                backlog=_BACKLOG,
            )
        )

    async def run_until_told(self) -> None:
        """Serve until `should_exit` is set."""
        # It reports every WebSocket that opens and every request it cuts at the end; we have our own words.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await self._serve(sockets=[self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_ready(self.url)
        # After that, so that nobody waits for it, and beside the loop, so that the first visitors do not either. A task
        # would have to be waited for at the end.
        threading.Thread(target=warm_up, name="warm up", daemon=True).start()


def _lan_address() -> str:
    """The address other computers of the network would use; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737: only selects a route
            address: str = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    return address


def run(
    config: RelayConfig,
    listener: socket.socket,
    on_ready: Callable[[str], None],
    on_server: Callable[[RelayServer], None],
) -> None:
    """Serve in this thread until the server given to `on_server` is told to exit."""

    async def main() -> None:
        server = RelayServer(config, listener, on_ready)
        on_server(server)
        await server.run_until_told()

    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        uvloop.run(main())
