"""Profiles, tokens, and tunnels that move between two relays."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace as edited

import pytest

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.events import BackendsChanged
from app.domain.problems import HatchwayError, Problem
from app.domain.settings import Settings
from app.domain.tunnel import TunnelState
from app.engine import settings_file
from app.engine.backends import LiveBackends, open_backends, profile_of
from app.engine.paths import Paths
from app.relay.application import RelayConfig
from tests.app.engine.live import Open, Opened, Service, spec_of, visit
from tests.app.engine.memory_keyring import MemoryKeyring
from tests.app.fake_deployer import ACCOUNT, FakeDeployer, a_deployment
from tests.e2e.tunnels import Relay, relay_here

TOKEN = "a-token-of-the-other-relay"


@pytest.fixture
async def other() -> AsyncIterator[Relay]:
    """A relay elsewhere, which takes one token."""
    async with relay_here(RelayConfig(tokens=(("me", TOKEN),))) as relay:
        yield relay


async def refused(work: object) -> Problem:
    with pytest.raises(HatchwayError) as caught:
        await work  # type: ignore[misc]
    return caught.value.problem


def on_disk(paths: Paths) -> Settings:
    settings, problem = settings_file.load(paths.settings_file)
    assert problem is None
    return settings


def names(opened: Opened) -> list[tuple[str, str]]:
    return [(status.spec.name, status.spec.backend) for status in opened.workspace.tunnels]


class TestMoving:
    async def test_a_running_tunnel_moves_with_its_name_and_history(
        self, open_: Open, service: Service, other: Relay, ring: MemoryKeyring, paths: Paths
    ) -> None:
        async with open_() as opened:
            workspace, spec = opened.workspace, spec_of(service)
            await workspace.add_tunnel(spec)
            old = await opened.online(spec)
            before = await opened.recorded(old)
            profile = await workspace.backends.add_relay(" The   office ", other.url, TOKEN)
            assert profile.name == "The office"
            assert await workspace.backends.move([spec.id], profile.id) == []
            status = opened.status(spec)
            assert status.state is TunnelState.ONLINE
            assert status.public_url == f"{other.url}/shop/"
            after = await opened.recorded(str(status.public_url))
            assert after.status == 200
            assert await visit(old) == 404, "its name is free there"
            page = await workspace.archive.page(10, tunnel_id=spec.id)
            assert [exchange.id for exchange in page] == [after.id, before.id]
            assert await workspace.backends.move([spec.id], EMBEDDED) == []
            assert await opened.online(spec) == old
        assert TOKEN not in paths.settings_file.read_text()
        assert TOKEN not in paths.log_file.read_text()

    async def test_it_runs_there_again_after_a_restart(
        self, open_: Open, service: Service, other: Relay, ring: MemoryKeyring
    ) -> None:
        spec = spec_of(service, enabled=False)
        async with open_() as opened:
            await opened.workspace.add_tunnel(spec)
            profile = await opened.workspace.backends.add_relay("office", other.url, TOKEN)
            assert await opened.workspace.backends.move([spec.id, "unknown"], profile.id) == []
            assert opened.status(spec).state is TunnelState.STOPPED
        async with open_() as opened:
            assert opened.workspace.backends.profiles == (profile,)
            await opened.workspace.start_tunnel(spec.id)
            assert await opened.online(spec) == f"{other.url}/shop/"

    async def test_a_name_that_is_taken_there_keeps_the_tunnel_where_it_is(
        self, open_: Open, service: Service, other: Relay, ring: MemoryKeyring, paths: Paths
    ) -> None:
        async with open_() as opened:
            backends = opened.workspace.backends
            spec, lucky = spec_of(service), spec_of(service, "docs")
            for each in (spec, lucky):
                await opened.workspace.add_tunnel(each)
            old = await opened.online(spec)
            await opened.online(lucky)
            profile = await backends.add_relay("office", other.url, TOKEN)
            async with _somebody_else(other, service):
                refusals = await backends.move([spec.id, lucky.id], profile.id)
            assert [(refusal.name, refusal.problem.code) for refusal in refusals] == [("shop", "name_taken")]
            assert names(opened) == [("shop", EMBEDDED), ("docs", profile.id)]
            assert opened.status(spec).state is TunnelState.ONLINE
            assert (await opened.recorded(old)).status == 200
            assert [each.backend for each in on_disk(paths).tunnels] == [EMBEDDED, profile.id]

    async def test_a_wrong_token_keeps_it_and_a_right_one_moves_it(
        self, open_: Open, service: Service, other: Relay, ring: MemoryKeyring
    ) -> None:
        async with open_() as opened:
            backends, spec = opened.workspace.backends, spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
            profile = await backends.add_relay("office", other.url, "wrong")
            renamed = edited(spec, name="store", backend=profile.id)
            assert (await refused(opened.workspace.edit_tunnel(renamed))).code == "bad_token"
            assert names(opened) == [("shop", EMBEDDED)]
            await backends.renew_token(profile.id, TOKEN)
            await opened.workspace.edit_tunnel(renamed)
            assert names(opened) == [("store", profile.id)]
            assert opened.status(spec).public_url == f"{other.url}/store/"

    async def test_without_its_profile_a_tunnel_fails_and_says_so(
        self, open_: Open, service: Service, ring: MemoryKeyring
    ) -> None:
        async with open_() as opened:
            spec = spec_of(service, backend="gone")
            await opened.workspace.add_tunnel(spec)
            status = await opened.reaches(spec, TunnelState.FAILED)
            assert status.problem is not None
            assert status.problem.code == "unknown_backend"
            await opened.workspace.edit_tunnel(edited(spec, backend=EMBEDDED))
            assert opened.status(spec).state is TunnelState.ONLINE


@contextlib.asynccontextmanager
async def _somebody_else(relay: Relay, service: Service) -> AsyncIterator[None]:
    from app.agent.connection import Endpoint
    from app.agent.supervisor import Supervisor

    async def where() -> Endpoint:
        return Endpoint(relay.agent_url, TOKEN)

    supervisor = Supervisor("somebody else", where, lambda _: None)
    await supervisor.move(spec_of(service), where)  # comes back when it is online
    yield
    await supervisor.aclose()


@pytest.fixture
async def deployer() -> FakeDeployer:
    return FakeDeployer()


@pytest.fixture
async def backends(paths: Paths, deployer: FakeDeployer, ring: MemoryKeyring) -> AsyncIterator[LiveBackends]:
    """As a command has them, with a deployer that is played."""
    async with open_backends(paths, lambda problem: pytest.fail(str(problem))) as opened:
        opened._make_deployer = lambda: deployer
        yield opened


class TestProfiles:
    async def test_a_deployment_is_used_with_a_token_of_its_own(
        self, backends: LiveBackends, deployer: FakeDeployer, ring: MemoryKeyring, paths: Paths
    ) -> None:
        profile = await backends.use(a_deployment(), "dev")
        assert profile == BackendProfile(
            f"aws-{ACCOUNT}-eu-west-1-hatchway", "hatchway", "aws", "wss://hatchway.example.com/live",
            "https://hatchway.example.com", "hatchway", "eu-west-1", ACCOUNT, "dev",
        )  # fmt: skip
        assert list(ring.entries.values()) == ["token-of-hatchway"]
        assert on_disk(paths).backends == (profile,)

    async def test_used_again_it_keeps_its_name_and_gets_a_new_token(
        self, backends: LiveBackends, deployer: FakeDeployer
    ) -> None:
        profile = await backends.use(a_deployment(), "dev")
        await backends.rename(profile.id, "Cloud")
        again = await backends.use(a_deployment(), "other")
        assert (again.name, again.credentials) == ("Cloud", "other")
        assert backends.profiles == (again,)
        assert deployer.calls == ["mint_token", "mint_token"]

    async def test_a_name_that_is_used_gets_the_region(self, backends: LiveBackends) -> None:
        await backends.add_relay("hatchway", "https://relay.example.com", "t")
        assert (await backends.use(a_deployment(), "")).name == "hatchway (eu-west-1)"

    async def test_no_token_no_profile(self, backends: LiveBackends, deployer: FakeDeployer) -> None:
        deployer.errors["mint_token"] = HatchwayError(Problem("aws_expired", "Expired", "AWS"))
        assert (await refused(backends.use(a_deployment(), ""))).code == "aws_expired"
        assert backends.profiles == ()

    async def test_a_new_token_comes_from_the_deployment(
        self, backends: LiveBackends, deployer: FakeDeployer, ring: MemoryKeyring
    ) -> None:
        profile = await backends.use(a_deployment(), "")
        ring.entries.clear()
        assert (await refused(backends.renew_token(profile.id))).code == "no_deployment"
        deployer.standing.append(a_deployment())
        await backends.renew_token(profile.id)
        assert list(ring.entries.values()) == ["token-of-hatchway"]

    @pytest.mark.parametrize(
        ("name", "code"), [(" ", "bad_backend_name"), ("x" * 61, "bad_backend_name"), ("office", "backend_name_in_use")]
    )
    async def test_a_name_is_refused(self, backends: LiveBackends, name: str, code: str) -> None:
        await backends.add_relay("office", "https://relay.example.com", "t")
        other = await backends.add_relay("other", "https://relay.example.com", "t")
        assert (await refused(backends.add_relay(name, "https://relay.example.com", "t"))).code == code
        assert (await refused(backends.rename(other.id, name))).code == code
        await backends.rename(other.id, "other")

    async def test_an_address_is_refused(self, backends: LiveBackends) -> None:
        assert (await refused(backends.add_relay("office", "http://relay.example.com", "t"))).code == "bad_relay_url"

    async def test_one_that_is_used_is_not_removed(self, backends: LiveBackends, paths: Paths) -> None:
        profile = await backends.add_relay("office", "https://relay.example.com", "t")
        await backends._settings.change(tunnels=(spec_of(3000, backend=profile.id),))
        await backends.set_default(profile.id)
        problem = await refused(backends.remove(profile.id))
        assert (problem.code, problem.title) == ("backend_in_use", "“office” is used by shop")
        await backends.remove(profile.id, move_back=True)
        settings = on_disk(paths)
        assert (settings.backends, settings.default_backend) == ((), EMBEDDED)
        assert [spec.backend for spec in settings.tunnels] == [EMBEDDED]
        for work in (
            backends.remove("x"),
            backends.rename("x", "y"),
            backends.set_default("x"),
            backends.move([], "x"),
        ):
            assert (await refused(work)).code == "unknown_backend"

    async def test_the_window_follows_what_a_command_does(
        self, open_: Open, backends: LiveBackends, paths: Paths
    ) -> None:
        async with open_() as opened:
            ours = opened.workspace.backends
            added = await backends.add_relay("office", "https://relay.example.com", "t")
            await backends.set_default(added.id)
            await opened.workspace.set_theme("dark")
            assert on_disk(paths).backends == (added,)
            assert ours.profile(added.id) == added
            assert opened.workspace.settings.default_backend == added.id
            mine = await ours.add_relay("mine", "https://relay.example.com", "t")
            await backends.remove(added.id)
            await opened.workspace.set_theme("light")
            assert (on_disk(paths).backends, on_disk(paths).default_backend) == ((mine,), EMBEDDED)
            assert ours.profiles == (mine,)
            assert opened.workspace.settings.default_backend == EMBEDDED

    async def test_a_file_that_is_torn_takes_nothing_away(self, open_: Open, ring: MemoryKeyring, paths: Paths) -> None:
        async with open_() as opened:
            profile = await opened.workspace.backends.add_relay("office", "https://relay.example.com", "t")
            paths.settings_file.write_text("[[backends")
            await opened.workspace.set_theme("dark")
            assert on_disk(paths).backends == (profile,)

    async def test_every_change_is_an_event(self, open_: Open, ring: MemoryKeyring) -> None:
        async with open_() as opened:
            profile = await opened.workspace.backends.add_relay("office", "https://relay.example.com", "t")
            await opened.workspace.backends.remove(profile.id)
            changes = [event.backends for event in opened.heard.events if isinstance(event, BackendsChanged)]
            assert changes == [(profile,), ()]

    async def test_a_keyring_that_keeps_nothing_is_told(self, open_: Open) -> None:
        async with open_() as opened:
            await opened.workspace.backends.add_relay("office", "https://relay.example.com", "t")
            assert opened.heard.notices == ["keyring_unusable"]


def test_a_deployment_has_one_id_for_everybody() -> None:
    assert profile_of(a_deployment(), "a").id == profile_of(a_deployment(managed=False), "b").id
    assert Settings().default_backend == EMBEDDED
