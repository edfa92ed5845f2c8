"""The backend's end of an agent's connection: hello, claim, welcome, pings, takeover, goodbye."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend_lambda.core.background import detach
from backend_lambda.core.ports import NameTaken, Ports, TunnelRecord
from backend_lambda.core.routing import NAME
from backend_lambda.protocol.errors import FAILURES, ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import AgentMessage, Error, Goodbye, Hello, Ping, Pong, Superseded, Welcome
from backend_lambda.protocol.session import BACKEND_RECEIVES, ConnectionSession, ConnectionState, Outcome


@dataclass(frozen=True, slots=True)
class Reach:
    """How the tunnels of this backend are reached.

    urls: name → (path URL, host URL or None)
    """

    urls: Callable[[str], tuple[str, str | None]]
    scope: Literal["computer", "network", "internet"]


class AgentSession:
    """One agent connection. `principal` is whom the token proved; owners are told apart below it."""

    def __init__(self, ports: Ports, limits: Limits, reach: Reach, connection_id: str, principal: str) -> None:
        self._ports = ports
        self._limits = limits
        self._reach = reach
        self._connection_id = connection_id
        self._principal = principal
        self._session = ConnectionSession(BACKEND_RECEIVES)
        self._tunnel: str | None = None
        self._generation = 1
        self._forget = False
        self.binary = False

    @property
    def claimed(self) -> bool:
        """Whether this connection has named its tunnel."""
        return self._tunnel is not None

    @property
    def closed(self) -> bool:
        """Whether the connection is to be closed now."""
        return self._session.state is ConnectionState.CLOSED

    async def receive(self, message: AgentMessage) -> bool:
        """Handle one message. True: it belongs to an exchange and is for the reply box.

        Raises ProtocolError; the caller sends `failure(error)` and closes.
        """
        outcome = self._session.receive(message)
        if outcome is Outcome.IGNORE:
            return False
        match message:
            case Hello():
                await self._greet(message)
            case Ping():
                await self._ports.push.send(self._connection_id, Pong(message.id))
                await self._renew()
            case Goodbye():
                # Nothing new may be routed here any more, so the tunnel goes offline at once; what runs goes on.
                self._forget = message.release
                await self._release()
            case _:
                return True
        return False

    def resume(self, tunnel: str | None, generation: int) -> None:
        """Go on where another process has left: after the hello, if the connection has claimed a tunnel."""
        if tunnel is not None:
            self._tunnel, self._generation = tunnel, generation
            self._session.state = ConnectionState.READY

    @property
    def claim(self) -> tuple[str, int]:
        """(tunnel, generation), once there is one."""
        assert self._tunnel is not None
        return self._tunnel, self._generation

    async def ended(self) -> None:
        """The connection is gone, for whatever reason; the owner keeps the name."""
        self._session.state = ConnectionState.CLOSED
        await self._release()

    async def _renew(self) -> None:
        if self._tunnel is None or self._session.state is not ConnectionState.READY:
            return
        tunnels = self._ports.tunnels
        if not await tunnels.renew(self._tunnel, self._connection_id):
            # It has lost the tunnel and never heard of it (the message may be lost): say it again.
            record = await tunnels.look_up(self._tunnel, fresh=True)
            generation = self._generation if record is None else record.generation
            await self._ports.push.send(self._connection_id, Superseded(generation))

    async def _release(self) -> None:
        if self._tunnel is not None:
            await self._ports.tunnels.release(self._tunnel, self._connection_id, forget=self._forget)

    async def _greet(self, hello: Hello) -> None:
        name = hello.tunnel if hello.tunnel is not None else f"t{secrets.token_hex(5)}"
        if not NAME.fullmatch(name):
            raise ProtocolError("bad_name", "tunnel")
        owner = hashlib.sha256(f"{self._principal}\0{hello.owner}".encode()).hexdigest()
        try:
            record = await self._ports.tunnels.claim(name, owner, self._connection_id, hello.options)
        except NameTaken:
            raise ProtocolError("name_taken", name) from None
        self._tunnel, self._generation = name, record.generation
        self.binary = hello.binary and not self._limits.slots
        await self._ports.push.send(self._connection_id, self._welcome(record))
        self._session.state = ConnectionState.READY
        if record.previous is not None and record.previous != self._connection_id:
            # Its agent may be the one that does not answer any more; this one must not wait for it.
            detach(self._ports.push.send(record.previous, Superseded(record.generation)), f"superseded {name}")

    def _welcome(self, record: TunnelRecord) -> Welcome:
        path_url, host_url = self._reach.urls(record.name)
        return Welcome(
            record.name, record.generation, path_url, host_url, self._reach.scope, self._limits, self.binary
        )  # fmt: skip


def failure(error: ProtocolError) -> Error:
    """The last message on a connection that is about to be closed."""
    known = FAILURES[error.code]
    return Error("", error.code, f"{known.title} {known.hint} ({error.detail})"[:1000])
