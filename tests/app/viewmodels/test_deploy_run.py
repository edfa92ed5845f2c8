from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.backend import EMBEDDED
from app.domain.deployment import DeployOptions, DeployPlan
from app.domain.problems import HatchwayError, Problem
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.viewmodels.deploy_run import DeployRun, RunState
from tests.app.fake_deployer import FakeDeployer, a_deployment
from tests.app.fake_workspace import FakeWorkspace

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
async def workspace() -> FakeWorkspace:
    return FakeWorkspace(TunnelSpec("shop", Upstream("http", "localhost", 3000), id="shop"))


@pytest.fixture
async def deployer(workspace: FakeWorkspace) -> FakeDeployer:
    return workspace.backends.fake_deployer


@pytest.fixture
async def run(workspace: FakeWorkspace) -> AsyncIterator[DeployRun]:
    made = DeployRun(workspace, clock=iter(range(10_000)).__next__)
    yield made
    made.close()


@pytest.fixture
async def plan(deployer: FakeDeployer) -> DeployPlan:
    return await deployer.plan(DeployOptions("team", "eu-west-1", "dev"), lambda _: None)


async def until_halfway(run: DeployRun) -> None:
    news = asyncio.Event()
    run.changed.connect(news.set)
    async with asyncio.timeout(5):
        while not (run.working and run.done == run.total // 2):
            news.clear()
            await news.wait()


async def test_a_backend_is_made_and_a_token_kept(
    run: DeployRun, plan: DeployPlan, workspace: FakeWorkspace, deployer: FakeDeployer
) -> None:
    deployer.gate.clear()
    going = asyncio.get_running_loop().create_task(run.create(plan))
    await until_halfway(run)
    assert (run.state, run.done, run.total) == (RunState.RUNNING, 2, 4)
    assert list(run.working) == ["module.hatchway.aws_apigatewayv2_api.visitors"]
    assert run.seconds > 0
    deployer.gate.set()
    await going
    assert (run.state, run.done, run.problem) == (RunState.DONE, 4, None)
    assert not run.working
    assert run.profile is not None
    assert (run.profile.name, run.profile.credentials) == ("team", "dev")
    assert workspace.backends.tokens.kept == {run.profile.id: "token-of-team"}
    assert len(run.lines) == 8
    ended = run.seconds
    assert run.seconds == ended, "its clock stands still"


async def test_a_safe_stop_is_a_failure_that_can_go_on(
    run: DeployRun, plan: DeployPlan, deployer: FakeDeployer
) -> None:
    deployer.gate.clear()
    going = asyncio.get_running_loop().create_task(run.create(plan))
    await until_halfway(run)
    run.stop()
    assert run.state is RunState.STOPPING
    await run.finished()
    await going
    assert run.state is RunState.FAILED
    assert run.problem is not None
    assert run.problem.code == "deploy_stopped"
    assert run.lines[-1].startswith("Stopped as you wished")
    deployer.gate.set()
    await run.create(plan)
    assert run.state is RunState.DONE
    assert run.problem is None


async def test_without_a_token_it_is_not_done(run: DeployRun, plan: DeployPlan, deployer: FakeDeployer) -> None:
    deployer.errors["mint_token"] = HatchwayError(Problem("aws_expired", "Expired", "AWS"))
    await run.create(plan)
    assert run.state is RunState.FAILED
    assert run.profile is None


async def test_an_endless_line_is_cut(run: DeployRun, plan: DeployPlan, deployer: FakeDeployer) -> None:
    deployer.errors["apply"] = HatchwayError(Problem("x", "y" * 5000, "AWS"))
    await run.create(plan)
    assert len(run.lines[-1]) == 2001


async def test_a_teardown_brings_the_tunnels_back_first(
    run: DeployRun, workspace: FakeWorkspace, deployer: FakeDeployer
) -> None:
    deployer.standing.append(a_deployment())
    profile = await workspace.backends.use(a_deployment(), "")
    await workspace.backends.move(["shop"], profile.id)
    deployer.gate.clear()
    plan = await deployer.plan_destroy(a_deployment(), lambda _: None)
    going = asyncio.get_running_loop().create_task(run.tear_down(plan, a_deployment()))
    await until_halfway(run)
    assert workspace.tunnels[0].spec.backend == EMBEDDED
    assert workspace.backends.profiles == (profile,), "until nothing is left of it"
    deployer.gate.set()
    await going
    assert workspace.backends.profiles == ()
    assert workspace.backends.tokens.kept == {}
    assert deployer.standing == []


async def test_what_failed_to_be_deleted_is_still_known(
    run: DeployRun, workspace: FakeWorkspace, deployer: FakeDeployer
) -> None:
    profile = await workspace.backends.use(a_deployment(), "")
    deployer.errors["destroy"] = HatchwayError(Problem("aws_no_permission", "No", "AWS"))
    await run.tear_down(await deployer.plan_destroy(a_deployment(), lambda _: None), a_deployment())
    assert run.state is RunState.FAILED
    assert workspace.backends.profiles == (profile,)
    run.reset()
    assert run.state is RunState.FAILED, "only what ended well is forgotten"
