"""Helper processes: ready when they say so, stopped however stubborn, gone when the parent is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from app.domain.problems import HatchwayError
from app.process.child import ChildProcess
from app.services.demo import DemoService
from app.services.discovery import find_services
from app.services.probe import probe
from app.ui.loop import PatchedQEventLoop

LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop]
if sys.platform != "win32":
    import uvloop

    LOOPS.append(uvloop.new_event_loop)

GOOD = """
    import json, os, sys, threading
    from app.process.child import watch_parent
    gone = threading.Event()
    watch_parent(gone.set)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    gone.wait()
    print("leaving", file=sys.stderr, flush=True)
    sys.exit(3)
"""
DEAF = """
    import json, os, signal, time
    {signals}
    print(json.dumps({{"pid": os.getpid()}}), flush=True)
    time.sleep(60)
"""


def child(code: str) -> ChildProcess:
    # The tests' own folder is not on the path of a child; of_module has its own test.
    root = str(Path(__file__).resolve().parents[3])
    return ChildProcess([sys.executable, "-c", textwrap.dedent(code)], name="sample", env={"PYTHONPATH": root})


@pytest.mark.parametrize("new_loop", LOOPS, ids=lambda each: each.__module__)
def test_a_child_gets_ready_and_leaves_when_let_go(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def run() -> None:
        process = child(GOOD)
        assert await process.start() == {"pid": process.pid}
        assert process.running
        await process.stop()
        assert await process.wait() == 3  # its own status: no signal was needed
        assert not process.running
        await process.stop()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())


@pytest.mark.gui
def test_children_and_scans_work_on_the_loop_of_the_window(qapp: object) -> None:
    async def run() -> None:
        service = DemoService()
        upstream = await service.start()
        assert await find_services(exclude_ports=frozenset(range(65536)) - {upstream.port}) == []
        answer = await probe(upstream.port, ["127.0.0.1"], asyncio.get_running_loop().time() + 5)
        assert answer is not None
        assert answer.status == 200
        await service.stop()

    with PatchedQEventLoop(qapp) as loop, ThreadPoolExecutor(4) as threads:
        loop.set_default_executor(threads)
        loop.run_until_complete(run())
    asyncio.set_event_loop(None)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and descriptors")
async def test_a_child_that_ignores_its_lifeline_is_terminated() -> None:
    process = child(DEAF.format(signals=""))
    await process.start()
    await process.stop()
    assert await process.wait() == -signal.SIGTERM


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM to ignore")
@pytest.mark.expect_log("child does not terminate, killing name=sample")
async def test_a_child_that_ignores_everything_is_killed() -> None:
    process = child(DEAF.format(signals="signal.signal(signal.SIGTERM, signal.SIG_IGN)"))
    await process.start()
    await asyncio.gather(process.stop(), process.stop())
    assert await process.wait() == -signal.SIGKILL


async def test_a_child_that_fails_says_why() -> None:
    process = child("import sys; sys.exit('the disk is full')")
    with pytest.raises(HatchwayError, match=r"ended with status 1 before it was ready.*the disk is full") as caught:
        await process.start()
    assert caught.value.problem.code == "child_failed"
    assert not process.running


async def test_a_child_that_never_gets_ready_is_given_up_and_ended() -> None:
    process = child("import sys, time; print('still loading', file=sys.stderr, flush=True); time.sleep(60)")
    with pytest.raises(HatchwayError, match=r"did not get ready within 0\.4 s.*still loading"):
        await process.start(timeout=0.4)
    assert process.pid is not None
    assert not psutil.pid_exists(process.pid)


async def test_a_child_that_says_something_else_is_ended() -> None:
    process = child("import time; print('Hello there', flush=True); time.sleep(60)")
    with pytest.raises(HatchwayError, match="said “Hello there” instead of being ready"):
        await process.start()
    assert not process.running


async def test_a_program_that_does_not_exist_is_reported() -> None:
    process = ChildProcess(["no-such-program-for-hatchway"], name="sample")
    with pytest.raises(HatchwayError, match="could not be started"):
        await process.start()
    await process.stop()


async def test_cancelling_the_start_leaves_no_child() -> None:
    process = child("import time; time.sleep(60)")
    task = asyncio.create_task(process.start())
    async with asyncio.timeout(10):
        while process.pid is None:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(process.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and descriptors")
async def test_the_end_of_a_child_by_itself_is_noticed() -> None:
    process = child(GOOD)
    await process.start()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == -signal.SIGTERM
    await process.stop()


async def test_much_output_does_not_block_a_child() -> None:
    process = child("""
        import sys
        print('{}', flush=True)
        for _ in range(40):
            print('x' * 9000); print('y' * 9000, file=sys.stderr)
    """)
    assert await process.start() == {}
    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and descriptors")
async def test_no_file_descriptor_is_inherited_or_left_open() -> None:
    def of(pid: int | None) -> int:
        assert pid is not None
        return psutil.Process(pid).num_fds()

    probe, before = child(GOOD), 0
    await probe.start()
    await probe.stop()  # the first start may open what stays for good
    before = of(os.getpid())
    with open(__file__, "rb") as unrelated:  # noqa: ASYNC230
        os.set_inheritable(unrelated.fileno(), True)
        first, second = child(GOOD), child(GOOD)
        await asyncio.gather(first.start(), second.start())
        assert of(first.pid) == of(second.pid) == 3  # stdin, stdout, stderr
    await first.stop()
    await second.stop()
    assert of(os.getpid()) == before


async def test_a_module_of_ours_starts_although_the_current_folder_has_an_app_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('a stranger was run')")
    monkeypatch.chdir(tmp_path)
    process = ChildProcess.of_module("app.services.demo", "--port", "0", name="demo")
    message = await process.start()
    assert message["port"] > 0
    await process.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killing_the_parent_leaves_no_child() -> None:
    parent_code = """
        import asyncio
        from app.process.child import ChildProcess
        async def main():
            demo = ChildProcess.of_module("app.services.demo", name="demo")
            await demo.start()
            print(demo.pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(parent_code)], stdout=subprocess.PIPE, cwd=root
    ) as parent:
        assert parent.stdout is not None
        grandchild = psutil.Process(int(parent.stdout.readline()))
        assert grandchild.is_running()
        parent.kill()
    grandchild_gone, still_there = psutil.wait_procs([grandchild], timeout=5)
    for process in still_there:
        process.kill()
    assert grandchild_gone


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_ctrl_c_is_left_to_the_parent() -> None:
    process = ChildProcess.of_module("app.services.demo", name="demo")
    await process.start()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    await asyncio.sleep(0.3)
    assert process.running
    await process.stop()
    assert await process.wait() == 0
