"""The same tunnel without capture: relay and supervisor as always, but nothing is recorded and nobody listens.
There is no such switch in Hatchway; the difference to the real thing is what recording and printing cost."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import uvloop

from app.agent.connection import Endpoint
from app.agent.supervisor import Supervisor
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import parse_upstream
from app.engine.relay_launcher import RelayLauncher
from bench.processes import TUNNEL, Hatchway, environment, home, relay_of, stop, wait_for


@contextlib.contextmanager
def bare_agent(target: int) -> Iterator[Hatchway]:
    """As `processes.hatchway`."""
    with home() as (directory, port):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare_agent", str(target), str(port), str(directory)],
            stdin=subprocess.PIPE,
            env=environment(directory),
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/{TUNNEL}/bytes/1", process)
            yield Hatchway(process.pid, relay_of(process.pid), port)
        finally:
            stop(process)


async def _main(options: argparse.Namespace) -> None:
    relay = RelayLauncher(Path(options.home, "relay.json"), options.port, lambda problem: None)

    async def endpoint() -> Endpoint:
        running = await relay.running()
        return Endpoint(running.agent_url, running.token)

    supervisor = Supervisor("bench", endpoint, lambda event: None)
    supervisor.start(TunnelSpec(TUNNEL, parse_upstream(options.target), capture_bytes=0))
    try:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    finally:
        await supervisor.aclose()
        await relay.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("port", type=int)
    parser.add_argument("home")
    uvloop.run(_main(parser.parse_args()))
