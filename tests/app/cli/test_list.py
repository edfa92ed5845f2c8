from __future__ import annotations

import pytest

from app.cli.list import _fields, _line, _tunnels
from app.domain.settings import Settings
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.engine.paths import user_paths
from app.engine.running import RunningTunnel

PATH, HOST = "http://127.0.0.1:4780/shop/", "http://shop.localhost:4780/"
SERVICE = "http://localhost:3000"


@pytest.mark.parametrize(
    ("tunnel", "line"),
    [
        (RunningTunnel("shop", 0, SERVICE, "stopped"), f"stopped      shop  → {SERVICE}"),
        (RunningTunnel("shop", 7, SERVICE, "online", PATH, HOST), f"online       {PATH}  → {SERVICE}  pid 7"),
        (
            RunningTunnel("shop", 7, SERVICE, "online", PATH, HOST, "spa"),
            f"online       {PATH}  → {SERVICE}  mode spa  pid 7",
        ),
        (
            RunningTunnel("shop", 7, SERVICE, "online", PATH, HOST, "host"),
            f"online       {HOST}  → {SERVICE}  mode host  pid 7",
        ),
        (
            RunningTunnel("shop", 7, SERVICE, "online", PATH, None, "host"),
            f"online       {PATH}  → {SERVICE}  mode host  pid 7",
        ),
    ],
    ids=["stopped", "usual", "mode", "host", "host-without-urls"],
)
def test_the_line_of_a_tunnel(tunnel: RunningTunnel, line: str) -> None:
    assert _line(tunnel) == line


def test_nothing_of_a_relay_steers_the_terminal() -> None:
    assert _line(RunningTunnel("shop", 7, SERVICE, "online", "http://x/\x1b[2J")).isprintable()


def test_saved_tunnels_tell_their_mode() -> None:
    spec = TunnelSpec("shop", Upstream("http", "localhost", 3000), mode="static")
    (tunnel,) = _tunnels(user_paths(), Settings(tunnels=(spec,)))
    assert _fields(tunnel) == {
        "tunnel": "shop",
        "state": "stopped",
        "upstream": SERVICE,
        "mode": "static",
        "urls": None,
        "pid": None,
    }
