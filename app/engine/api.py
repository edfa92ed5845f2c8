"""The seam between the application and its faces (window, CLI): everything a face may ask for.

`app.engine.workspace.LiveWorkspace` implements it; tests of view models use a small fake.
All methods run on the event loop; none blocks longer than a frame (files and databases are in threads).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.domain.events import Listener
from app.domain.exchange import Exchange
from app.domain.replay import EditedRequest
from app.domain.services import LocalService
from app.domain.settings import SavedFilter, Settings, Theme
from app.domain.stage import Stage
from app.domain.tunnel import TunnelSpec, TunnelStatus
from app.domain.upstream import Upstream
from app.domain.usage import UsageReport
from app.engine.archive_api import Archive
from app.engine.backends_api import Backends
from app.engine.replays_api import Replays
from app.engine.signing_api import Signing


class Workspace(Protocol):
    """Tunnels, exchanges and replay of one running Hatchway."""

    @property
    def settings(self) -> Settings: ...

    @property
    def archive(self) -> Archive:
        """The recorded exchanges: search, marks, deletion."""
        ...

    @property
    def replays(self) -> Replays:
        """Sending again, and what came of it."""
        ...

    @property
    def signing(self) -> Signing:
        """Webhook signatures: checked, and made anew for replays."""
        ...

    @property
    def backends(self) -> Backends:
        """Where tunnels can run besides this computer's relay."""
        ...

    @property
    def tunnels(self) -> Sequence[TunnelStatus]:
        """All tunnels in the user's order, stopped ones too."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Deliver every event to `listener`; returns the function that ends it."""
        ...

    async def add_tunnel(self, spec: TunnelSpec) -> TunnelStatus:
        """Remember the tunnel and start it if it is enabled. Raises HatchwayError (name in use, bad name)."""
        ...

    async def edit_tunnel(self, spec: TunnelSpec) -> None:
        """Replace the tunnel of the same id; a running one is restarted if the edit needs it."""
        ...

    async def remove_tunnel(self, tunnel_id: str) -> None: ...

    async def start_tunnel(self, tunnel_id: str) -> None:
        """Begin to connect; progress comes as TunnelChanged events. Remembered over restarts."""
        ...

    async def stop_tunnel(self, tunnel_id: str) -> None: ...

    def retry_now(self, tunnel_id: str) -> None:
        """Skip the rest of a reconnect delay."""
        ...

    def usage(self, tunnel_id: str) -> UsageReport:
        """What the tunnel has used of an AWS account; empty if it was never there. `UsageChanged` tells of more."""
        ...

    async def find_services(self) -> Sequence[LocalService]:
        """The HTTP services that listen on this machine now (takes up to a second)."""
        ...

    async def start_demo(self) -> Upstream:
        """Start the built-in demo service if it does not run yet."""
        ...

    async def exchange(self, exchange_id: str) -> Exchange | None:
        """One exchange with its bodies: the live one while it runs, else from the history."""
        ...

    async def stages(self, exchange: Exchange) -> Sequence[Stage]:
        """As the visitor sent it, as it went to the service, the raw answer, the delivered answer.

        exchange: with its bodies. A rewritten body is made again from the raw one, in a thread.
        """
        ...

    async def replay(self, exchange_id: str, edit: EditedRequest | None = None) -> Exchange:
        """Send the captured request (or its edit) to the tunnel's upstream again and wait for the answer.

        The new exchange is linked by `replay_of` and appears in the events at once. A failing upstream is a
        finished exchange in state FAILED; HatchwayError is raised only if nothing could be sent at all.
        """
        ...

    async def visit(self, tunnel_id: str) -> None:
        """Send one test request to the tunnel's public URL; it shows up like every other.

        Raises HatchwayError `not_online` or `visit_failed`.
        """
        ...

    async def set_theme(self, theme: Theme) -> None: ...

    async def set_filters(self, filters: Sequence[SavedFilter]) -> None:
        """Keep these filters instead of those before."""
        ...
