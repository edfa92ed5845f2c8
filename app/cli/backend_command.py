"""What the commands about backends have in common: they need settings and keyring, no relay and no tunnels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.cli import exit_codes
from app.cli.output import Output
from app.domain.problems import HatchwayError
from app.engine.backends import LiveBackends, open_backends
from app.engine.log_file import log_to
from app.engine.paths import user_paths


async def with_backends(as_json: bool, action: Callable[[LiveBackends, Output], Awaitable[None]]) -> int:
    """Run it; failures are said. Returns the exit code."""
    output = Output(as_json=as_json)
    paths = user_paths()
    try:
        with log_to(paths.log_file):
            async with open_backends(paths, output.notice) as backends:
                await action(backends, output)
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()
