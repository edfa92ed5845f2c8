from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.aws.conftest import CloudStage
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.lambda_environment import FunctionError
from tests.aws.emulator.lambda_service import FunctionConfig, RequestTooLarge, TooManyRequests
from tests.aws.emulator.module_copy import ModuleCopy

calls = 0
ticks = 0


def _tick() -> None:
    """Goes on in the background, as what a handler leaves running would like to."""
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1


def counting(event: Any, context: Any) -> Any:
    """For processes: module state, and ways to fail."""
    global calls
    calls += 1
    match event:
        case "raise":
            raise LookupError("nothing there")
        case "exit":
            os._exit(3)
        case "object":
            return object()
        case "sleep":
            time.sleep(60)
        case "tick":
            threading.Thread(target=_tick, daemon=True).start()
    print("called with", event)
    return {
        "calls": calls,
        "ticks": ticks,
        "left": context.get_remaining_time_in_millis(),
        "table": os.environ["HATCHWAY_TABLE"],
    }


async def invoke(cloud: Cloud, event: Any) -> Any:
    return json.loads(await cloud.thread.run(cloud.function.invoke(json.dumps(event).encode())))


@pytest.fixture
def processes() -> Any:
    cloud = Cloud(f"{__name__}.counting", CloudConfig(function=FunctionConfig(timeout=5)))
    cloud.start()
    yield cloud
    cloud.stop()


async def test_a_process_keeps_its_module_state_and_logs(processes: Cloud) -> None:
    assert (await invoke(processes, "a"))["calls"] == 1
    second = await invoke(processes, "b")
    assert second["calls"] == 2
    assert 0 < second["left"] <= 5000
    assert second["table"] == "hatchway"
    assert processes.function.environments == 1
    while "called with b" not in processes.log:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_process_is_frozen_between_events(processes: Cloud) -> None:
    await invoke(processes, "tick")
    before = (await invoke(processes, "a"))["ticks"]
    await asyncio.sleep(0.5)
    assert (await invoke(processes, "b"))["ticks"] < before + 25  # fifty, if it had run


async def test_a_process_reports_errors(processes: Cloud) -> None:
    with pytest.raises(FunctionError, match="LookupError: nothing there"):
        await invoke(processes, "raise")
    with pytest.raises(FunctionError, match="ExitError"):
        await invoke(processes, "exit")
    assert (await invoke(processes, "again"))["calls"] == 1


async def test_a_process_that_overruns_its_time_is_killed() -> None:
    cloud = Cloud(f"{__name__}.counting", CloudConfig(function=FunctionConfig(timeout=1)))
    async with cloud:
        with pytest.raises(FunctionError, match=r"Task timed out after 1\.00 seconds"):
            await invoke(cloud, "sleep")
        assert cloud.function.environments == 0


async def test_an_environment_takes_one_event_at_a_time(stage: CloudStage) -> None:
    meet = threading.Barrier(3, timeout=20)
    stage.script.answer = lambda event: meet.wait()
    await asyncio.gather(*(invoke(stage.cloud, number) for number in range(3)))
    assert stage.cloud.function.environments == 3
    stage.script.answer = "warm"
    assert await invoke(stage.cloud, 4) == "warm"
    assert stage.cloud.function.environments == 3
    assert stage.cloud.bill()["lambda_cold_starts"] == 3


@pytest.mark.parametrize("stage", [CloudConfig(function=FunctionConfig(cold_start=0.2))], indirect=True)
async def test_a_cold_start_takes_its_time_and_is_billed(stage: CloudStage) -> None:
    started = time.monotonic()
    await invoke(stage.cloud, 1)
    assert time.monotonic() - started >= 0.2
    assert stage.cloud.bill()["lambda_gb_seconds"] >= 0.1
    await invoke(stage.cloud, 2)
    assert stage.cloud.bill()["lambda_cold_starts"] == 1


@pytest.mark.parametrize("stage", [CloudConfig(function=FunctionConfig(timeout=0.2))], indirect=True)
async def test_a_thread_that_overruns_its_time_is_given_up(stage: CloudStage) -> None:
    stage.script.answer = lambda event: time.sleep(1)
    with pytest.raises(FunctionError, match="timed out"):
        await invoke(stage.cloud, 1)
    stage.script.answer = "fresh"
    assert await invoke(stage.cloud, 2) == "fresh"
    assert stage.cloud.bill()["lambda_cold_starts"] == 2


async def test_limits_of_size_and_concurrency(stage: CloudStage) -> None:
    with pytest.raises(RequestTooLarge):
        await invoke(stage.cloud, "x" * 6_291_556)
    stage.script.answer = "x" * 6_291_556
    with pytest.raises(FunctionError, match="ResponseSizeTooLarge"):
        await invoke(stage.cloud, 1)
    stage.cloud.inject("lambda-throttled")
    with pytest.raises(TooManyRequests):
        await invoke(stage.cloud, 1)


async def test_a_result_that_is_no_json_fails(stage: CloudStage) -> None:
    stage.script.answer = lambda event: object()
    with pytest.raises(FunctionError, match="MarshalError"):
        await invoke(stage.cloud, 1)


async def test_threads_can_have_a_state_of_their_own() -> None:
    def make() -> Callable[[Any, Any], int]:
        seen: list[Any] = []

        def handler(event: Any, context: Any) -> int:
            seen.append(event)
            return len(seen)

        return handler

    async with Cloud(make_handler=make) as cloud:
        assert [await invoke(cloud, 1), await invoke(cloud, 2)] == [1, 2]
        await cloud.thread.run(cloud.function.recycle())
        assert await invoke(cloud, 3) == 1


async def test_copies_of_a_module_keep_their_own_state() -> None:
    async with Cloud(make_handler=lambda: ModuleCopy(f"{__name__}.counting")) as cloud:
        assert (await invoke(cloud, 1))["calls"] == 1
        assert (await invoke(cloud, 1))["calls"] == 2
        await cloud.thread.run(cloud.function.recycle())
        assert (await invoke(cloud, 1))["calls"] == 1
    with pytest.raises(ModuleNotFoundError):
        ModuleCopy("no_such_module.handler")


async def test_time_and_memory_are_billed(stage: CloudStage) -> None:
    stage.script.answer = lambda event: time.sleep(0.2)
    await invoke(stage.cloud, 1)
    bill = stage.cloud.bill()
    assert bill["lambda_requests"] == 1
    assert bill["lambda_gb_seconds"] >= 0.1  # 512 MB for 200 ms or more


async def test_an_environment_can_die_in_mid_event(stage: CloudStage) -> None:
    stage.cloud.inject("lambda-killed")
    stage.script.answer = lambda event: time.sleep(0.5)
    with pytest.raises(FunctionError):
        await invoke(stage.cloud, 1)


async def test_the_functions_variables_are_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATCHWAY_TABLE", "mine")
    async with Cloud(counting):
        assert os.environ["HATCHWAY_TABLE"] == "hatchway"
        assert os.environ["HATCHWAY_CALLBACK_URL"].endswith("/live")
    assert os.environ["HATCHWAY_TABLE"] == "mine"
    assert "HATCHWAY_CALLBACK_URL" not in os.environ
