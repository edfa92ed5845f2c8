"""`python -m app.relay`: the relay as a child of the app. It ends when its standard input ends, so that it never
outlives its parent; secrets come through the environment, not the command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys

from app.domain.problems import HatchwayError
from app.process.child import watch_parent
from app.relay.application import RelayConfig
from app.relay.server import RelayServer, bind, run

TOKEN_VARIABLE = "HATCHWAY_CHILD_RELAY_TOKEN"


def main() -> int:
    """Exit code 0 when told to end, 3 when the port cannot be had (the reason is a JSON line on stdout)."""
    parser = argparse.ArgumentParser(prog="python -m app.relay")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    token = os.environ.pop(TOKEN_VARIABLE, "")
    config = RelayConfig(
        options.host, options.port, tokens=(("local", token),) if token else (), proof_token=token or None
    )
    # Ctrl+C in a terminal reaches the whole group; the parent decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        listener = bind(config)
    except HatchwayError as error:
        problem = error.problem
        print(json.dumps({"error": problem.code, "title": problem.title, "hint": problem.hint}), flush=True)
        return 3

    def ready(url: str) -> None:
        print(json.dumps({"url": url, "port": listener.getsockname()[1]}), flush=True)

    def started(server: RelayServer) -> None:
        def end(*_: object) -> None:
            server.should_exit = True

        watch_parent(end)
        signal.signal(signal.SIGTERM, end)

    run(config, listener, ready, started)
    # Whoever loses patience now would make an orderly end look like a crash.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
