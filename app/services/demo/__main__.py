"""`python -m app.services.demo --port 0`: serve the demo on 127.0.0.1 until stdin ends; its port is the first line."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from app.process.child import watch_parent
from app.services.demo.asgi import demo


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, and is ended by the lifeline or SIGTERM."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:
            print(json.dumps({"port": sockets[0].getsockname()[1]}), flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        signal.signal(signal.SIGTERM, self._on_signal)
        # As a child we leave Ctrl+C to the parent; by hand, in a terminal, it is the way to stop.
        signal.signal(signal.SIGINT, self._on_signal if sys.stdin.isatty() else signal.SIG_IGN)
        yield

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.leave()

    def leave(self) -> None:
        """End without waiting for open streams; from any thread (uvicorn polls these plain flags)."""
        self.force_exit = True
        self.should_exit = True


def main() -> int:
    """Exit status 0 after a stop, 1 if the port cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m app.services.demo", description="The demo service of Hatchway.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) means any free port")
    port: int = parser.parse_args().port
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        print(f"cannot listen on port {port}: {error}", file=sys.stderr)
        return 1
    server = _Server(
        uvicorn.Config(
            demo,
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=1024 * 1024,
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
        )
    )
    watch_parent(server.leave)
    with listening:
        asyncio.run(server.serve(sockets=[listening]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
