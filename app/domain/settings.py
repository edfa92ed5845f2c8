"""The user's settings as values; `app.engine.settings_file` reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.tunnel import TunnelSpec

Theme = Literal["system", "light", "dark"]

DEFAULT_RELAY_PORT = 4780


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter that the user keeps; text: as it was typed, in the filter language"""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Settings:
    """theme: follow the system, or always light or dark
    relay_port: TCP port of the embedded relay; it is kept so that URLs survive a restart
    history_days, history_megabytes: quotas of the recorded exchanges
    tunnels, filters, backends: in the user's order; this computer's own relay is not among the backends
    default_backend: where new tunnels run
    """

    theme: Theme = "system"
    relay_port: int = DEFAULT_RELAY_PORT
    history_days: int = 30
    history_megabytes: int = 1024
    tunnels: tuple[TunnelSpec, ...] = ()
    filters: tuple[SavedFilter, ...] = ()
    backends: tuple[BackendProfile, ...] = ()
    default_backend: str = EMBEDDED
