"""`hatchway doctor` as a user runs it: an app with planted faults, by every kind of address."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import COMMAND, Hatchway, JsonEvent, eventually, free_port, prepare_home

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("chromium_path", "relay_port"),
]

WAIT = ("--wait", "0.5")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the app with the faults listens."""
    program = Path(__file__).with_name("faulty_app.py")
    with subprocess.Popen([sys.executable, program, "0"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


async def doctor(*arguments: str, **environment: str | None) -> Hatchway:
    """One run of it, to the end."""
    hatchway = await Hatchway.start("doctor", *arguments, *WAIT, **environment)
    try:
        await hatchway.finished(120)
    finally:
        await hatchway.aclose()
    return hatchway


def told(hatchway: Hatchway, event: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["what"]) for one in hatchway.events if one["event"] == event]


async def test_a_page_without_faults(port: int) -> None:
    done = await doctor(str(port), "--reload", "--json")
    assert done.process.returncode == 0, done.lines
    assert done.errors == ""
    direct, tunnelled, finished = done.events
    assert (direct["way"], direct["url"], direct["status"]) == ("direct", f"http://localhost:{port}/", 200)
    assert (tunnelled["way"], tunnelled["status"], tunnelled["reached"]) == ("tunnel", 200, "/")
    assert tunnelled["layers"] == ["L0", "L1", "L2", "L3", "L4"]
    assert tunnelled["edits"]
    assert (finished["findings"], finished["compared"]) == (0, True)


async def test_a_page_with_faults(port: int) -> None:
    done = await doctor(f"{port}/faults", "--json")
    assert done.process.returncode == 6, done.errors
    assert told(done, "finding") == [("leak", "GET /api/users"), ("console", "only below a prefix")]
    assert told(done, "observation") == [("request", "GET /nowhere.png"), ("console", "says so in any case")]
    leak, console = (event for event in done.events if event["event"] == "finding")
    assert (leak["page"], leak["recovered"]) == ("data:text/html,…", False)
    assert console["code"] == ["/app.js:2"]


async def test_what_scripts_ask_for_leaks_in_mode_static(port: int) -> None:
    done = await doctor(f"http://127.0.0.1:{port}/", "--mode", "static", "--json")
    assert done.process.returncode == 6, done.errors
    findings = [event for event in done.events if event["event"] == "finding"]
    assert [event["kind"] for event in findings] == ["leak", "uncaught", "shown"]
    leak = findings[0]
    assert (leak["what"], leak["status"], leak["code"], leak["resource"]) == ("GET /api/users", 404, ["/:3"], "fetch")
    assert "--mode app" in leak["suggestion"]
    assert leak["url"].endswith("/api/users")


async def test_a_router_that_reads_the_address(port: int) -> None:
    found = await doctor(f"{port}/routed", "--mode", "app", "--json")
    assert told(found, "finding") == [("shown", "/routed shows something else")]
    (finding,) = (event for event in found.events if event["event"] == "finding")
    assert finding["details"] == ["the heading “The list” is missing"]
    assert "--mode spa" in finding["suggestion"]
    healed = await doctor(f"{port}/routed", "--mode", "spa", "--reload", "--json")
    assert healed.process.returncode == 0, healed.lines


async def test_pages_that_are_linked_to(port: int) -> None:
    done = await doctor(str(port), "--follow", "1")
    assert done.process.returncode == 6, done.errors
    assert done.lines[-1] == "2 findings."
    assert any(line.startswith("leak     GET /api/users") for line in done.lines)
    assert "  failed   GET /nowhere.png → 404" in done.lines


async def test_another_local_service(port: int) -> None:
    other = free_port()
    done = await doctor(f"{port}/other?port={other}", "--json")
    assert done.process.returncode == 6, done.errors
    assert told(done, "finding") == [("other_service", f"GET http://localhost:{other}/data")]


async def test_a_tunnel_that_runs(start: Start, port: int, tmp_path: Path) -> None:
    hatchway = await start("http", str(port), "--name", "shop", "--json")
    urls = (await hatchway.event("tunnel.online"))["urls"]
    known = await doctor(f"{urls['path']}faults", "--json")
    assert told(known, "finding") == [("leak", "GET /api/users"), ("console", "only below a prefix")]
    visited = [event for event in known.events if event["event"] == "page.visited"]
    assert [event["url"] for event in visited] == [f"http://localhost:{port}/faults", f"{urls['path']}faults"]
    by_host = await doctor(f"{urls['host']}faults", "--json")
    assert (by_host.process.returncode, told(by_host, "finding")) == (0, [])
    own_mode = await doctor(urls["path"], "--mode", "spa", "--json")
    assert (own_mode.process.returncode, own_mode.events[-1]["code"]) == (2, "bad_mode")

    stranger = str(prepare_home(tmp_path / "other", free_port()))
    foreign = await doctor(f"{urls['path']}faults", "--json", HATCHWAY_HOME=stranger)
    assert (foreign.process.returncode, told(foreign, "finding")) == (6, [("leak", "GET /api/users")])
    assert ("console", "says so in any case") in told(foreign, "observation")
    assert {event.get("also_direct") for event in foreign.events if event["event"] == "observation"} == {None}
    assert foreign.events[-1]["compared"] is False
    nothing = await doctor(urls["path"].replace("/shop/", "/none/"), "--json", HATCHWAY_HOME=stranger)
    assert (nothing.process.returncode, nothing.events[-1]["code"]) == (5, "page_failed")
    assert "no tunnel at this address" in nothing.events[-1]["title"]


REFUSED: dict[str, tuple[list[str], dict[str, str], int, str]] = {
    "no service": ([f"{free_port()}/x"], {}, 5, "page_failed"),
    "no browser": (["3000"], {"HATCHWAY_CHROMIUM": "/nowhere/chrome"}, 3, "no_browser"),
    "no browser after all": (["3000"], {"HATCHWAY_CHROMIUM": "/bin/true"}, 3, "browser_failed"),
    "no address": (["ftp://x"], {}, 2, "bad_upstream"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_examined(name: str) -> None:
    arguments, environment, code, problem = REFUSED[name]
    done = await doctor(*arguments, "--json", **environment)
    errors: list[JsonEvent] = [event for event in done.events if event["event"] == "error"]
    assert (done.process.returncode, [event["code"] for event in errors]) == (code, [problem])
    assert done.errors.startswith("hatchway: ")
    assert "Traceback" not in done.errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interruption_ends_it_and_its_browser(start: Start, port: int, number: signal.Signals) -> None:
    hatchway = await start("doctor", str(port), "--wait", "60", "--json")
    await eventually(lambda: any(map(_is_browser, hatchway.helpers())), 60)
    code, _ = await hatchway.end(number, 20)
    assert (code, hatchway.events, hatchway.errors) == (5, [], "")


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
async def test_ctrl_c_in_a_terminal_reaches_the_driver_too(port: int) -> None:
    process = await asyncio.create_subprocess_exec(
        COMMAND, "doctor", str(port), "--wait", "60", "--json",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    helpers = psutil.Process(process.pid).children
    await eventually(lambda: any(map(_is_browser, helpers(recursive=True))), 60)
    os.killpg(process.pid, signal.SIGINT)
    async with asyncio.timeout(30):
        assert await process.communicate() == (b"", b"")
    assert process.returncode == 5


def _is_browser(helper: psutil.Process) -> bool:
    try:
        return any(word.startswith("--log-net-log") for word in helper.cmdline())
    except psutil.Error:
        return False
