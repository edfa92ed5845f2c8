"""Where each tunnel finds its backend: this computer's relay, or that of a profile with its token."""

from __future__ import annotations

from collections.abc import Callable

from app.agent.connection import Endpoint
from app.agent.tunnel import EndpointSource
from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.problems import fail
from app.domain.relay_address import agent_url_of
from app.domain.tunnel import TunnelSpec
from app.engine.backend_tokens import BackendTokens
from app.engine.relay_launcher import RelayLauncher

ProfileOf = Callable[[str], BackendProfile | None]


class Endpoints:
    """fixed: a relay elsewhere, for the tunnels that name no backend; None for the embedded one, which is started when
    it is first asked for"""

    def __init__(
        self, fixed: Endpoint | None, relay: RelayLauncher, profile_of: ProfileOf, tokens: BackendTokens
    ) -> None:
        self._fixed = fixed
        self._relay = relay
        self._profile_of = profile_of
        self._tokens = tokens

    def of(self, spec: TunnelSpec) -> EndpointSource:
        """Asked at every attempt to connect, so that a new token or address holds from then on."""

        async def source() -> Endpoint:
            return await self._at(spec.backend)

        return source

    async def embedded(self) -> Endpoint:
        return await self._at(EMBEDDED)

    async def _at(self, backend: str) -> Endpoint:
        if backend == EMBEDDED:
            if self._fixed is not None:
                return self._fixed
            relay = await self._relay.running()
            return Endpoint(relay.agent_url, relay.token)
        profile = self._profile_of(backend)
        if profile is None:
            raise fail(
                "unknown_backend",
                "The backend of this tunnel has been removed",
                "you",
                "Choose another one for it in Edit….",
            )
        return Endpoint(agent_url_of(profile.agent_url), await self._tokens.read(profile))
