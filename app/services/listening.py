"""Which TCP ports of this machine answer on loopback, and which process is behind each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import psutil

# Programs that hold one socket per address family for somebody else's service: two processes, still one service.
_FORWARDERS = frozenset({"docker-proxy", "rootlessport", "rootlesskit", "wslrelay.exe"})


@dataclass(frozen=True, slots=True)
class Process:
    """Who listens. name and command are "" and own is False where the system does not tell us."""

    pid: int
    name: str = ""
    command: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """One service to look at: a port and the loopback addresses on which it listens (surest first).

    alone: no other service shares the port number, so the name `localhost` is not ambiguous.
    """

    port: int
    addresses: tuple[str, ...]
    process: Process | None = None
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """One listening socket as the system reports it; pid is None for other users' sockets."""

    address: str
    port: int
    pid: int | None


def find_listeners() -> list[Listener]:
    """Every listening TCP socket of this machine that is reachable through loopback. Blocks for some 10 ms."""
    bound = list(_bound_sockets())
    pids = {socket.pid for socket in bound if socket.pid is not None}
    return group_sockets(bound, {pid: process for pid in pids if (process := _describe(pid)) is not None})


def group_sockets(sockets: Iterable[Bound], processes: dict[int, Process]) -> list[Listener]:
    """One listener per service: the sockets of one port belong together unless their owners are known to differ."""
    by_port: dict[int, list[Bound]] = {}
    for socket in sockets:
        by_port.setdefault(socket.port, []).append(socket)
    listeners: list[Listener] = []
    for port, bound in sorted(by_port.items()):
        owners: list[tuple[set[int], list[str]]] = []
        for address, pids in _reachable(bound):
            same = next((owner for owner in owners if _one_service(owner[0], pids, processes)), None)
            if same is None:
                owners.append((pids, [address]))
            else:
                same[0].update(pids)
                same[1].append(address)
        for pids, addresses in owners:
            process = next((processes[pid] for pid in sorted(pids) if pid in processes), None)
            listeners.append(Listener(port, tuple(addresses), process, alone=len(owners) == 1))
    return listeners


def _reachable(sockets: list[Bound]) -> list[tuple[str, set[int]]]:
    """Loopback addresses with the processes that answer there; the more specific bind wins, as in the kernel."""
    exact: dict[str, set[int]] = {}
    any4: set[int] | None = None
    any6: set[int] | None = None
    for socket in sockets:
        pids = {socket.pid} if socket.pid is not None else set[int]()
        address = _plain(socket.address)
        if address is None:
            continue
        if address.is_unspecified and address.version == 4:
            any4 = (any4 or set()) | pids
        elif address.is_unspecified:
            any6 = (any6 or set()) | pids
        elif address.is_loopback:
            exact.setdefault(str(address), set()).update(pids)
    found = dict(exact)
    if any4 is not None:
        found.setdefault("127.0.0.1", any4)
    if any6 is not None:
        found.setdefault("::1", any6)
        # Last: a socket on [::] usually takes IPv4 as well, but need not (IPV6_V6ONLY).
        found.setdefault("127.0.0.1", any6)
    return list(found.items())


def _plain(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _one_service(left: set[int], right: set[int], processes: dict[int, Process]) -> bool:
    if not left or not right or left & right:
        return True
    return all(pid in processes and processes[pid].name in _FORWARDERS for pid in left | right)


def _bound_sockets() -> Iterator[Bound]:
    try:
        yield from _listening(psutil.net_connections(kind="tcp"))
        return
    except psutil.AccessDenied:
        pass  # macOS shows the whole table to root only; each of our own processes can still be asked.
    except (psutil.Error, OSError, RuntimeError):
        return
    for process in psutil.process_iter():
        try:
            connections = process.net_connections(kind="tcp")
        except (psutil.Error, OSError, RuntimeError):
            continue
        for socket in _listening(connections):
            yield Bound(socket.address, socket.port, process.pid)


def _listening(connections: Iterable[object]) -> Iterator[Bound]:
    for connection in connections:
        if getattr(connection, "status", "") == psutil.CONN_LISTEN and (local := getattr(connection, "laddr", None)):
            yield Bound(str(local.ip), int(local.port), getattr(connection, "pid", None))


def _describe(pid: int) -> Process | None:
    """Everything the system tells about the process; each part may be forbidden on its own."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            name = process.name()
            try:
                command = " ".join(process.cmdline())
            except (psutil.Error, OSError):
                command = ""
            try:
                own = process.username() == psutil.Process(os.getpid()).username()
            except (psutil.Error, OSError, KeyError):
                own = False
    except (psutil.Error, OSError):
        return None
    return Process(pid, name, command, own)
