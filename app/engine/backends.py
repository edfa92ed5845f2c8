"""Backends as they really are: profiles in the settings, tokens in the keyring, tunnels that move between them."""

from __future__ import annotations

import asyncio
import platform
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property

from app.backends.api import Deployer
from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.deployment import Deployment
from app.domain.events import BackendsChanged, Event, Notice
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.relay_address import agent_url_of
from app.domain.tunnel import TunnelSpec
from app.engine import settings_file
from app.engine.backend_tokens import BackendTokens
from app.engine.backends_api import Refusal
from app.engine.kept_settings import KeptSettings
from app.engine.paths import Paths

_LONGEST_NAME = 60
_NOT_KEPT = Problem(
    "keyring_unusable",
    "The token cannot be kept in this computer's keyring",
    "you",
    "It holds until Hatchway ends; the next start needs a new one. Set up a keyring (Secret Service, KWallet).",
)

EditTunnel = Callable[[TunnelSpec], Awaitable[None]]


class LiveBackends:
    """Implements `app.engine.backends_api.Backends`.

    specs: the tunnels as they are now; edit: changes one, which tries another backend before it leaves the old one
    """

    def __init__(
        self,
        settings: KeptSettings,
        tokens: BackendTokens,
        deployer: Callable[[], Deployer],
        publish: Callable[[Event], None],
        specs: Callable[[], Sequence[TunnelSpec]],
        edit: EditTunnel,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._make_deployer = deployer
        self._publish = publish
        self._specs = specs
        self._edit = edit

    @cached_property
    def deployer(self) -> Deployer:
        return self._make_deployer()

    @property
    def profiles(self) -> Sequence[BackendProfile]:
        return self._settings.current.backends

    def profile(self, backend: str) -> BackendProfile | None:
        return next((profile for profile in self.profiles if profile.id == backend), None)

    async def add_relay(self, name: str, address: str, token: str) -> BackendProfile:
        await self._settings.take_over_backends()
        agent_url = agent_url_of(address)
        public_url = address.strip().rstrip("/") if address.strip().startswith("http") else ""
        profile = BackendProfile(
            secrets.token_hex(6), self._free_name(name), "relay", agent_url, public_url=public_url
        )  # fmt: skip
        await self._keep_token(profile.id, token.strip())
        await self._keep((*self.profiles, profile))
        return profile

    async def use(self, deployment: Deployment, credentials: str) -> BackendProfile:
        await self._settings.take_over_backends()
        profile = profile_of(deployment, credentials)
        token = await self.deployer.mint_token(deployment, _token_name(), credentials)
        await self._keep_token(profile.id, token)
        if (known := self.profile(profile.id)) is not None:
            profile = replace(profile, name=known.name)
            await self._keep(tuple(profile if each.id == profile.id else each for each in self.profiles))
            return profile
        taken = {each.name for each in self.profiles}
        names = (profile.name, f"{profile.name} ({profile.region})", f"{profile.name} ({profile.id})")
        profile = replace(profile, name=next(name for name in names if name not in taken))
        await self._keep((*self.profiles, profile))
        return profile

    async def renew_token(self, backend: str, token: str = "") -> None:
        profile = self._known(backend)
        if not token.strip():
            found = await self.deployer.discover(profile.credentials, profile.region)
            deployment = next((each for each in found if each.name == profile.deployment), None)
            if deployment is None:
                raise fail(
                    "no_deployment",
                    f"There is no deployment “{profile.deployment}” in {profile.region}",
                    "AWS",
                    "It may have been taken down; deploy it again, or remove the backend.",
                )
            token = await self.deployer.mint_token(deployment, _token_name(), profile.credentials)
        await self._keep_token(backend, token.strip())

    async def rename(self, backend: str, name: str) -> None:
        profile = self._known(backend)
        renamed = replace(profile, name=self._free_name(name, backend))
        await self._keep(tuple(renamed if each is profile else each for each in self.profiles))

    async def remove(self, backend: str, *, move_back: bool = False) -> None:
        profile = self._known(backend)
        users = [spec.id for spec in self._specs() if spec.backend == backend]
        refusals = await self.move(users, EMBEDDED) if move_back else ()
        left = [spec.name for spec in self._specs() if spec.backend == backend]
        if left:
            if refusals:
                raise HatchwayError(refusals[0].problem)
            raise fail(
                "backend_in_use",
                f"“{profile.name}” is used by {', '.join(left)}",
                "you",
                "Move these tunnels elsewhere first.",
            )
        if self._settings.current.default_backend == backend:
            await self._settings.change(default_backend=EMBEDDED)
        await self._keep(tuple(each for each in self.profiles if each.id != backend))
        await self._tokens.forget(backend)

    async def set_default(self, backend: str) -> None:
        if backend != EMBEDDED:
            self._known(backend)
        await self._settings.change(default_backend=backend)

    async def move(self, tunnel_ids: Sequence[str], backend: str) -> Sequence[Refusal]:
        if backend != EMBEDDED:
            self._known(backend)
        moved = [spec for spec in self._specs() if spec.id in tunnel_ids and spec.backend != backend]
        refusals = []
        for spec in moved:
            try:
                await self._edit(replace(spec, backend=backend))
            except HatchwayError as error:
                refusals.append(Refusal(spec.id, spec.name, error.problem))
        return refusals

    async def _keep(self, profiles: tuple[BackendProfile, ...]) -> None:
        await self._settings.change(backends=profiles)
        self._publish(BackendsChanged(tuple(self.profiles)))

    async def _keep_token(self, backend: str, token: str) -> None:
        if not await self._tokens.store(backend, token):
            self._publish(Notice(_NOT_KEPT))

    def _known(self, backend: str) -> BackendProfile:
        profile = self.profile(backend)
        if profile is None:
            raise fail("unknown_backend", "This backend has been removed", "you")
        return profile

    def _free_name(self, name: str, backend: str = "") -> str:
        name = " ".join(name.split())
        if not 0 < len(name) <= _LONGEST_NAME:
            raise fail("bad_backend_name", "A backend needs a name", "you", f"At most {_LONGEST_NAME} characters.")
        if any(each.name == name and each.id != backend for each in self.profiles):
            raise fail(
                "backend_name_in_use", f"You already have a backend named “{name}”", "you", "Choose another name."
            )
        return name


def profile_of(deployment: Deployment, credentials: str) -> BackendProfile:
    """The same deployment has the same id, whenever and by whomever it is taken into use here."""
    return BackendProfile(
        f"aws-{deployment.account}-{deployment.region}-{deployment.name}",
        deployment.name,
        "aws",
        deployment.agent_url,
        deployment.public_url,
        deployment.name,
        deployment.region,
        deployment.account,
        credentials,
    )


def live_deployer(paths: Paths) -> Callable[[], Deployer]:
    """The real one, when it is asked for: boto3 takes long to import."""

    def make() -> Deployer:
        from app.backends.deployer import LiveDeployer

        return LiveDeployer(paths.deployments)

    return make


def _token_name() -> str:
    """Whose token it is, for those who list them; a deployment takes letters, digits and hyphens."""
    host = "".join(
        character if character.isascii() and character.isalnum() else "-" for character in platform.node().lower()
    )
    return host.strip("-")[:40] or "hatchway"


@asynccontextmanager
async def open_backends(paths: Paths, report: Callable[[Problem], None]) -> AsyncIterator[LiveBackends]:
    """For a face without a workspace (`hatchway backends`): the tunnels are those of the settings, at rest.

    report: told what cannot be read, saved or kept
    """
    current, problem = await asyncio.to_thread(settings_file.load, paths.settings_file)
    if problem is not None:
        report(problem)
    settings = KeptSettings(paths.settings_file, current, report, remember=True)

    async def edit(spec: TunnelSpec) -> None:
        specs = tuple(spec if each.id == spec.id else each for each in settings.current.tunnels)
        await settings.change(tunnels=specs)

    def publish(event: Event) -> None:
        if isinstance(event, Notice):
            report(event.problem)

    yield LiveBackends(settings, BackendTokens(), live_deployer(paths), publish, lambda: settings.current.tunnels, edit)
