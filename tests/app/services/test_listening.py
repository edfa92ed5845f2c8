"""Sockets become services: addresses that answer, owners that differ, systems that do not tell."""

from __future__ import annotations

import socket

import psutil
import pytest

from app.services.listening import Bound, Listener, Process, find_listeners, group_sockets

NODE = Process(10, "node", "node vite", own=True)
AIRPLAY = Process(20, "ControlCenter", "ControlCenter", own=True)
DOCKER_4 = Process(30, "docker-proxy", "docker-proxy -host-ip 0.0.0.0")
DOCKER_6 = Process(31, "docker-proxy", "docker-proxy -host-ip ::")
PROCESSES = {process.pid: process for process in (NODE, AIRPLAY, DOCKER_4, DOCKER_6)}


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        pytest.param([Bound("127.0.0.1", 1, 10)], [Listener(1, ("127.0.0.1",), NODE)], id="IPv4"),
        pytest.param([Bound("::1", 1, 10)], [Listener(1, ("::1",), NODE)], id="IPv6 only"),
        pytest.param([Bound("0.0.0.0", 1, 10)], [Listener(1, ("127.0.0.1",), NODE)], id="any IPv4"),
        pytest.param([Bound("::", 1, 10)], [Listener(1, ("::1", "127.0.0.1"), NODE)], id="any, maybe dual"),
        pytest.param([Bound("::ffff:127.0.0.1", 1, 10)], [Listener(1, ("127.0.0.1",), NODE)], id="mapped"),
        pytest.param([Bound("127.0.0.5", 1, 10)], [Listener(1, ("127.0.0.5",), NODE)], id="another loopback address"),
        pytest.param([Bound("192.0.2.7", 1, 10), Bound("fe80::1%eth0", 1, 10)], [], id="not on loopback"),
        pytest.param([Bound("odd", 1, 10)], [], id="unreadable address"),
        pytest.param([Bound("127.0.0.1", 1, None)], [Listener(1, ("127.0.0.1",), None)], id="owner unknown"),
        pytest.param([Bound("127.0.0.1", 1, 99)], [Listener(1, ("127.0.0.1",), None)], id="owner vanished"),
        pytest.param(
            [Bound("0.0.0.0", 1, 30), Bound("::", 1, 31)],
            [Listener(1, ("127.0.0.1", "::1"), DOCKER_4)],
            id="one container behind two forwarders",
        ),
        pytest.param(
            [Bound("127.0.0.1", 5000, 10), Bound("0.0.0.0", 5000, 20), Bound("::", 5000, 20)],
            [Listener(5000, ("127.0.0.1",), NODE, alone=False), Listener(5000, ("::1",), AIRPLAY, alone=False)],
            id="two services share a port number",
        ),
    ],
)
def test_sockets_are_grouped_into_services(bound: list[Bound], expected: list[Listener]) -> None:
    assert group_sockets(bound, PROCESSES) == expected


def test_finds_a_socket_of_this_process_with_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (listener,) = [each for each in find_listeners() if each.port == port]
    assert listener.addresses == ("127.0.0.1",)
    assert listener.process is not None
    assert listener.process.pid == psutil.Process().pid
    assert listener.process.own
    assert "python" in listener.process.command


def test_asks_each_process_where_the_whole_table_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(kind: str) -> list[object]:
        raise psutil.AccessDenied

    ours, gone = psutil.Process(), psutil.Process()
    monkeypatch.setattr(gone, "net_connections", forbidden)
    monkeypatch.setattr(psutil, "net_connections", forbidden)
    monkeypatch.setattr(psutil, "process_iter", lambda: iter([gone, ours]))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (listener,) = [each for each in find_listeners() if each.port == port]
    assert listener.process is not None
    assert listener.process.pid == ours.pid


def test_finds_nothing_where_nothing_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(kind: str) -> list[object]:
        raise PermissionError

    monkeypatch.setattr(psutil, "net_connections", broken)
    assert find_listeners() == []
