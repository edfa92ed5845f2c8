"""Apps that many people use, each visited directly and through a real relay, or the AWS backend on its emulator.

`make gallery ARGS="gradio next"`, `make gallery ARGS="--aws sveltekit"`
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.apps.compare import differences
from tests.apps.node import link_packages, node
from tests.apps.servers import running
from tests.apps.visit import Visitor, visit
from tests.aws.threaded import in_threads
from tests.e2e.tunnels import Agent, start_relay
from tests.gallery import entries
from tests.gallery.entry import Entry, Place
from tests.gallery.environments import ROOT, environment


@dataclass(frozen=True, slots=True)
class Row:
    """What came out for one app. problems: empty if the tunnel made no difference."""

    name: str
    requests: tuple[int, int]
    sockets: tuple[int, int]
    seconds: tuple[float, float]
    problems: list[str]


def main() -> int:
    known = {entry.name: entry for entry in _entries()}
    parser = argparse.ArgumentParser(prog="make gallery", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="APP", help=f"of {', '.join(known)}; all without any")
    parser.add_argument("--install", action="store_true", help="only install the packages")
    parser.add_argument("--direct", action="store_true", help="visit twice directly, to try a new entry")
    parser.add_argument("--aws", action="store_true", help="through the AWS backend on the emulator instead of a relay")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no such app: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = [known[name] for name in options.names or known]
    if options.install:
        for entry in chosen:
            environment(entry)
        return 0
    found = subprocess.run([ROOT / "scripts" / "find-chromium"], capture_output=True, text=True, check=True)
    backend = _on_aws if options.aws else _on_relay
    rows = asyncio.run(_visit_all(chosen, found.stdout.strip(), backend, tunnel=not options.direct))
    _print(rows)
    return 1 if any(row.problems for row in rows) else 0


def _entries() -> list[Entry]:
    names = sorted(module.name for module in pkgutil.iter_modules(entries.__path__))
    return [importlib.import_module(f"{entries.__name__}.{name}").ENTRY for name in names]


@contextlib.asynccontextmanager
async def _on_relay() -> AsyncIterator[Callable[[], Agent]]:
    relay = await start_relay()
    try:
        yield lambda: Agent(relay)
    finally:
        assert relay.process is not None
        await relay.process.stop()
        await relay.process.wait()


@contextlib.asynccontextmanager
async def _on_aws() -> AsyncIterator[Callable[[], Agent]]:
    async with in_threads() as backend:
        yield backend.agent


_Backend = Callable[[], contextlib.AbstractAsyncContextManager[Callable[[], Agent]]]


async def _visit_all(chosen: list[Entry], chromium_path: str, backend: _Backend, *, tunnel: bool) -> list[Row]:
    rows = []
    async with backend() as new_agent:
        for entry in chosen:
            agent = new_agent()
            try:
                row = await _visit(entry, chromium_path, agent if tunnel else None)
            except Exception as error:  # the next app has its turn all the same
                notes = "\n".join([str(error), *getattr(error, "__notes__", ())])
                row = Row(entry.name, (0, 0), (0, 0), (0, 0), [f"{type(error).__name__}: {notes}"])
            await agent.aclose()
            rows.append(row)
            print(f"{row.name}: {'no difference' if not row.problems else ''}", flush=True)
            for problem in row.problems:
                print(f"  {problem}", flush=True)
    return rows


async def _visit(entry: Entry, chromium_path: str, agent: Agent | None) -> Row:
    """Both visits, each of an app that has just been started in a folder of its own."""
    direct, seconds = await _one_way(entry, chromium_path, None)
    tunnelled, seconds_then = await _one_way(entry, chromium_path, agent)
    return Row(
        entry.name,
        (len(direct.asked), len(tunnelled.asked)),
        (_sockets(direct), _sockets(tunnelled)),
        (seconds, seconds_then),
        differences(direct, tunnelled),
    )


async def _one_way(entry: Entry, chromium_path: str, agent: Agent | None) -> tuple[Visitor, float]:
    with tempfile.TemporaryDirectory(prefix="hatchway-gallery-") as temporary:
        place = Place(environment(entry), Path(temporary))
        _lay_out(entry, place)
        variables = {
            "PATH": f"{place.environment / 'bin'}:{node().parent}:{place.python.parent}:/usr/bin:/bin",
            **entry.variables,
        }
        variables["HOME"] = str(place.folder)
        for command in entry.before(place):
            await _run(command, place, variables)
        log = place.folder / "log"
        async with running(
            entry.command(place), log, directory=place.folder, environment=variables, seconds=entry.seconds
        ) as server:
            base = (await agent.open(server.port)).url("") if agent else server.base
            begun = time.monotonic()
            try:
                visitor = await visit(chromium_path, base, entry.script, seconds=entry.wait)
            except Exception as error:
                error.add_note(f"{entry.name} said:\n{log.read_text(errors='replace')[-1500:]}")
                raise
            return visitor, time.monotonic() - begun


def _lay_out(entry: Entry, place: Place) -> None:
    for name, text in entry.files.items():
        file = place.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    if entry.npm:
        link_packages(place.environment / "node_modules", place.folder)


async def _run(command: Sequence[str | Path], place: Place, variables: Mapping[str, str]) -> None:
    log = place.folder / "before.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *map(str, command), cwd=place.folder, env=variables, stdout=output, stderr=output
        )
        async with asyncio.timeout(300):
            code = await process.wait()
    assert code == 0, log.read_text()[-3000:]


def _sockets(visitor: Visitor) -> int:
    return sum(asked.kind == "websocket" for asked in visitor.asked)


def _print(rows: list[Row]) -> None:
    print("\n| app | requests, directly | through the tunnel | sockets | seconds | differences |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.name} | {row.requests[0]} | {row.requests[1]} | {row.sockets[0]}, {row.sockets[1]} "
            f"| {row.seconds[0]:.1f}, {row.seconds[1]:.1f} | {len(row.problems) or 'none'} |"
        )


if __name__ == "__main__":
    sys.exit(main())
