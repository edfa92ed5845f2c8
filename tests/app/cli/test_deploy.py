"""`hatchway deploy` and `hatchway backends`, with a fake deployer behind them."""

from __future__ import annotations

import asyncio
import io
import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keyring
import pytest

from app.agent.connection import Endpoint
from app.cli import deploy_apply
from app.cli.http import _place
from app.cli.output import Output
from app.cli.parser import build_parser
from app.domain.backend import EMBEDDED
from app.domain.deployment import BackendToken, Deployment, DeployOptions, DomainChoice
from app.domain.problems import HatchwayError, fail
from app.engine import backends
from app.engine.paths import user_paths
from app.engine.settings_file import peek
from tests.app.engine.memory_keyring import MemoryKeyring
from tests.app.fake_deployer import FakeDeployer, a_deployment

TOKENS = (BackendToken("laptop", "0123456789abcdef" * 4, 1.8e9), BackendToken("ci", "f" * 64, 1.8e9, 1.9e9))


class Deployer(FakeDeployer):
    """With tokens. half_way: set when it waits in the middle of its work"""

    def __init__(self) -> None:
        super().__init__()
        self.revoked: list[str] = []
        self.half_way = asyncio.Event()

    async def _until_told(self) -> None:
        self.half_way.set()
        await super()._until_told()

    async def tokens(self, deployment: Deployment, credentials: str) -> Sequence[BackendToken]:
        return TOKENS

    async def revoke_token(self, deployment: Deployment, digest: str, credentials: str) -> None:
        self.revoked.append(digest)


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    ring = MemoryKeyring()
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(ring, name))
    return ring


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch) -> Deployer:
    fake = Deployer()
    monkeypatch.setattr(backends, "live_deployer", lambda _: lambda: fake)
    return fake


def hatchway(*arguments: str) -> int:
    options = build_parser().parse_args(arguments)
    status: int = options.command(options)
    return status


def events(out: str) -> dict[str, dict[str, Any]]:
    """The last of each kind."""
    return {event["event"]: event for line in out.splitlines() if (event := json.loads(line))}


def test_a_plan_tells_what_and_how_much(deployer: Deployer, capfd: pytest.CaptureFixture[str]) -> None:
    assert hatchway("deploy", "plan", "--region", "eu-west-1", "--budget", "20", "--email", "a@b.test") == 0
    out = capfd.readouterr().out
    assert "make   4: table, function, 2 × API" in out
    assert "about $1.75 a month" in out
    [options] = deployer.options
    assert (options.region, options.monthly_budget, options.alarm_email) == ("eu-west-1", 20, "a@b.test")
    assert "apply" not in deployer.calls


def test_apply_sets_up_the_backend_with_its_token(
    deployer: Deployer, ring: MemoryKeyring, capfd: pytest.CaptureFixture[str]
) -> None:
    assert hatchway("deploy", "apply", "--region", "eu-west-1", "--yes", "--json") == 0
    told = events(capfd.readouterr().out)
    assert told["deploy.online"]["backend"] == "hatchway"
    assert told["deploy.online"]["public_url"] == "https://hatchway.example.com"
    assert (told["deploy.progress"]["done"], told["deploy.progress"]["total"]) == (4, 4)
    [profile] = peek(user_paths().settings_file).backends
    assert profile.deployment == "hatchway"
    assert list(ring.entries.values()) == ["token-of-hatchway"]
    # An upgrade needs no new token.
    assert hatchway("deploy", "apply", "--region", "eu-west-1", "--yes", "--json") == 0
    assert deployer.calls.count("mint_token") == 1


@pytest.mark.parametrize("action", ["apply", "destroy"])
def test_nothing_happens_without_a_yes(
    deployer: Deployer, action: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    deployer.standing = [a_deployment()]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert hatchway("deploy", action) == 2
    assert "--yes" in capfd.readouterr().err
    assert action not in deployer.calls


def test_what_the_command_does_not_say_stays_as_it_was(deployer: Deployer, capfd: pytest.CaptureFixture[str]) -> None:
    deployer.standing = [a_deployment()]
    assert hatchway("deploy", "plan", "--front-door", "function_url") == 0
    [options] = deployer.options
    assert (options.region, options.alarm_email, options.front_door) == ("eu-west-1", "ada@example.com", "function_url")


def test_a_domain_needs_a_zone_or_a_certificate(deployer: Deployer, capfd: pytest.CaptureFixture[str]) -> None:
    assert hatchway("deploy", "plan", "--domain", "t.example.com") == 2
    assert hatchway("deploy", "plan", "--zone-id", "Z1") == 2
    assert hatchway("deploy", "plan", "--domain", "T.example.com.", "--zone-id", "Z1", "--no-wildcard") == 0
    assert deployer.options[-1].domain == DomainChoice("t.example.com", wildcard=False, zone_id="Z1")
    assert hatchway("deploy", "plan", "--domain", "none") == 0
    assert deployer.options[-1].domain is None


def test_destroying_forgets_the_backend(
    deployer: Deployer, ring: MemoryKeyring, capfd: pytest.CaptureFixture[str]
) -> None:
    assert hatchway("deploy", "apply", "--yes") == 0
    assert ring.entries
    capfd.readouterr()
    assert hatchway("deploy", "destroy", "--yes", "--json") == 0
    told = events(capfd.readouterr().out)
    assert told["deploy.plan"]["destroys"]
    assert told["deploy.destroyed"]["deployment"] == "hatchway"
    assert peek(user_paths().settings_file).backends == ()
    assert ring.entries == {}
    assert hatchway("deploy", "destroy", "--yes") == 3


def test_a_failure_is_told_with_its_exit_code(deployer: Deployer, capfd: pytest.CaptureFixture[str]) -> None:
    deployer.errors["plan"] = fail("aws_expired", "Expired", "you", "Run `aws sso login`.")
    assert hatchway("deploy", "plan", "--json") == 3
    out, err = capfd.readouterr()
    assert events(out)["error"]["code"] == "aws_expired"
    assert "aws sso login" in err


async def test_the_first_interrupt_stops_safely(deployer: Deployer) -> None:
    deployer.gate.clear()
    ended = asyncio.Event()
    output = Output(as_json=True)
    async with backends.open_backends(user_paths(), output.notice) as opened:
        applying = asyncio.ensure_future(deploy_apply.apply(DeployOptions(), opened, output, ended, sure=True))
        await deployer.half_way.wait()
        ended.set()
        with pytest.raises(HatchwayError) as caught:
            await applying
    output.close()
    assert caught.value.problem.code == "deploy_stopped"
    assert deployer.calls[-1] == "stop"


def test_a_token_is_shown_once_or_goes_into_a_private_file(
    deployer: Deployer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    deployer.standing = [a_deployment()]
    assert hatchway("deploy", "token", "create", "ci") == 0
    assert capfd.readouterr().out == "token-of-hatchway\n"
    file = tmp_path / "token"
    assert hatchway("deploy", "token", "create", "ci", "--output", str(file)) == 0
    assert file.read_text() == "token-of-hatchway\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "token-of-hatchway" not in capfd.readouterr().out
    minted = deployer.calls.count("mint_token")
    assert hatchway("deploy", "token", "create", "ci", "--output", str(file)) == 3
    assert deployer.calls.count("mint_token") == minted


def test_tokens_are_listed_without_secrets_and_revoked_by_name_or_digest(
    deployer: Deployer, capfd: pytest.CaptureFixture[str]
) -> None:
    deployer.standing = [a_deployment()]
    assert hatchway("deploy", "token", "list") == 0
    first, second = capfd.readouterr().out.splitlines()
    assert first.startswith("0123456789ab  laptop ")
    assert "until 2030" in second
    assert hatchway("deploy", "token", "revoke", "laptop") == 0
    assert hatchway("deploy", "token", "revoke", "ffffffff") == 0
    assert deployer.revoked == [TOKENS[0].digest, TOKENS[1].digest]
    for nobody in ("someone", "fff"):
        assert hatchway("deploy", "token", "revoke", nobody) == 3


def test_a_deployment_of_the_team_is_discovered_and_used(
    deployer: Deployer, ring: MemoryKeyring, capfd: pytest.CaptureFixture[str]
) -> None:
    deployer.standing = [a_deployment("team", managed=False), a_deployment("half", managed=False, complete=False)]
    assert hatchway("backends", "discover", "--region", "eu-west-1") == 0
    team, half = capfd.readouterr().out.splitlines()
    assert "https://team.example.com" in team
    assert "deployed from elsewhere" in team
    assert "HALF-FINISHED" in half
    assert hatchway("backends", "use", "half", "--region", "eu-west-1") == 3
    assert hatchway("backends", "use", "team", "--region", "eu-west-1", "--json") == 0
    assert events(capfd.readouterr().out)["backend"]["default"] is True
    settings = peek(user_paths().settings_file)
    assert [profile.id for profile in settings.backends] == [settings.default_backend]
    assert list(ring.entries.values()) == ["token-of-team"]
    assert hatchway("backends", "list") == 0
    embedded, team = capfd.readouterr().out.splitlines()
    assert embedded.startswith("  embedded ")
    assert team.startswith("* team ")


def test_back_to_this_computer_and_forgotten(deployer: Deployer, capfd: pytest.CaptureFixture[str]) -> None:
    deployer.standing = [a_deployment("team", managed=False)]
    assert hatchway("backends", "use", "team", "--region", "eu-west-1") == 0
    assert hatchway("backends", "use", "embedded") == 0
    assert peek(user_paths().settings_file).default_backend == EMBEDDED
    assert hatchway("backends", "remove", "team") == 0
    assert peek(user_paths().settings_file).backends == ()
    for action in ("remove", "use"):
        assert hatchway("backends", action, "team" if action == "remove" else "nobody") == 3


def test_a_relay_of_ones_own_is_a_backend_too(
    deployer: Deployer, ring: MemoryKeyring, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    token.write_text("office:a-token-of-the-office\n")
    add = ("backends", "add", "office", "--relay", "https://t.example.com", "--token-file", str(token))
    assert hatchway(*add, "--json") == 0
    [profile] = peek(user_paths().settings_file).backends
    told = events(capfd.readouterr().out)["backend"]
    assert (told["id"], told["kind"], told["agent_url"]) == (profile.id, "relay", "wss://t.example.com/__hw/agent")
    assert list(ring.entries.values()) == ["a-token-of-the-office"]
    assert hatchway(*add) == 3, "there is one of that name"


async def test_a_tunnel_runs_on_the_backend_that_is_named_or_chosen(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.standing = [a_deployment("team", managed=False)]

    async def place(*arguments: str) -> tuple[Endpoint | None, str]:
        return await _place(build_parser().parse_args(["http", "3000", *arguments]))

    assert await place() == (None, EMBEDDED)
    async with backends.open_backends(user_paths(), lambda _: None) as opened:
        profile = await opened.use(deployer.standing[0], "")
        assert await place() == (None, EMBEDDED)
        assert await place("--backend", "team") == (None, profile.id)
        await opened.set_default(profile.id)
    assert await place() == (None, profile.id)
    assert await place("--backend", "embedded") == (None, EMBEDDED)
    with pytest.raises(HatchwayError, match="no backend"):
        await place("--backend", "other")
    with pytest.raises(HatchwayError, match="exclude"):
        await place("--backend", "team", "--relay", "https://t.example.com")
    monkeypatch.setenv("HATCHWAY_RELAY_TOKEN", "given")
    assert await place() == (Endpoint("wss://team.example.com/live", "given"), EMBEDDED)
