"""Find the web services that run on this machine, likely development servers first."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass

from app.domain.services import LocalService
from app.domain.upstream import Upstream
from app.services.frameworks import Recognised, recognise
from app.services.listening import Listener, find_listeners
from app.services.page_title import page_title
from app.services.probe import Answer, probe

MAX_PORTS = 64
_SCAN_SECONDS = 0.9
_LEAST_PROBE_SECONDS = 0.3  # even if the system took long to list its sockets
_RESOLVE_SECONDS = 0.2

# Not HTTP (a stray GET only makes noise in their logs), or an HTTP control port that must never be offered to the
# public: printing, Docker, Kubernetes, etcd, WinRM, browser remote control.
# fmt: off
NOT_OFFERED = frozenset(
    {
        7, 9, 13, 19, 21, 22, 23, 25, 53, 79, 88, 110, 111, 113, 119, 135, 139, 143, 161, 179, 389, 445, 465, 514,
        515, 543, 544, 548, 554, 563, 587, 593, 631, 636, 853, 873, 990, 993, 995, 1025, 1433, 1434, 1521, 1723,
        1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 3268, 3269, 3283, 3306, 3389, 3690, 4369, 4730, 5037, 5040,
        5060, 5061, 5222, 5269, 5353, 5355, 5357, 5432, 5433, 5671, 5672, 5900, 5901, 5985, 5986, 6000, 6010, 6379,
        6380, 6432, 6443, 6667, 6697, 7680, 8883, 9042, 9092, 9100, 9160, 9222, 9229, 9300, 10250, 10255, 10256,
        11211, 16379, 25672, 26257, 26379, 27017, 27018, 27019, 33060, 47001, 61616,
    }
)
# fmt: on
_COMMON = frozenset({80, 443, 1313, 1337, 1880, 2368, 5500, 5601, 6006, 7860, 8501, 8888, 19000, 19006, 24678})
_COMMON_RANGES = (range(3000, 3100), range(4000, 4400), range(5000, 5200), range(8000, 8100), range(9000, 9100))
_VITE_RANGE = range(5173, 5184)
# Helper processes of ours (see child.py) carry these words; -P sets them apart from a user's own `python -m app`.
_OURS = re.compile(r"\s-P -m app(?:\s|\.)")
# Ports that macOS holds for AirPlay (5000, 7000) answer HTTP with 403 and are nobody's project.
_NO_SERVICE = re.compile(r"AirTunes/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    service: LocalService
    likelihood: int


async def find_services(*, exclude_ports: frozenset[int] = frozenset()) -> list[LocalService]:
    """The HTTP and HTTPS services that answer on loopback now, likely development servers first.

    Takes at most about a second, contacts loopback addresses only and sends each port one GET (two more on
    redirects within the service). A server that accepts but stays silent (a first compile may take long) is listed
    only if its command line says what it is. Raises nothing for sockets or processes it may not see.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    listeners, localhost = await asyncio.gather(asyncio.to_thread(find_listeners), _localhost_addresses())
    deadline = max(started + _SCAN_SECONDS, loop.time() + _LEAST_PROBE_SECONDS)
    candidates = sorted(
        (listener for listener in listeners if _worth_asking(listener, exclude_ports)), key=_most_promising_first
    )
    found = await asyncio.gather(*(_look_at(listener, localhost, deadline) for listener in candidates[:MAX_PORTS]))
    services = [each for each in found if each is not None]
    services.sort(key=lambda each: (-each.likelihood, each.service.upstream.port, each.service.upstream.host))
    return [each.service for each in services]


async def _localhost_addresses() -> frozenset[str]:
    """What the name `localhost` means here; many machines leave out ::1."""
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            infos = await asyncio.get_running_loop().getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset({"127.0.0.1"})
    return frozenset(str(info[4][0]) for info in infos)


def _worth_asking(listener: Listener, exclude_ports: frozenset[int]) -> bool:
    command = listener.process.command if listener.process is not None else ""
    return listener.port not in exclude_ports and listener.port not in NOT_OFFERED and not _OURS.search(command)


def _most_promising_first(listener: Listener) -> tuple[bool, bool, int]:
    own = listener.process is not None and listener.process.own
    return not _is_common(listener.port), not own, listener.port


def _is_common(port: int) -> bool:
    return port in _COMMON or any(port in ports for ports in (*_COMMON_RANGES, _VITE_RANGE))


async def _look_at(listener: Listener, localhost: frozenset[str], deadline: float) -> _Found | None:
    # Addresses behind the name first, so that the service gets the name its developer uses.
    addresses = sorted(listener.addresses, key=lambda address: address not in localhost)
    answer = await probe(listener.port, addresses, deadline)
    if answer is None or _NO_SERVICE.match(answer.header("server")):
        return None
    process = listener.process
    # In a thread: a hundred patterns over 64 pages would be felt in the window.
    recognised, title = await asyncio.to_thread(_read, answer, process.command if process is not None else "")
    if answer.status == 0 and (recognised is None or not recognised.development):
        return None
    service = LocalService(
        Upstream(answer.scheme, _host(listener, answer, localhost), listener.port),
        framework=recognised.name if recognised is not None else "",
        title=title,
        process=process.name if process is not None else "",
    )
    return _Found(service, _likelihood(listener, recognised))


def _read(answer: Answer, command: str) -> tuple[Recognised | None, str]:
    return recognise(answer, command), page_title(answer.body, answer.header("content-type"))


def _host(listener: Listener, answer: Answer, localhost: frozenset[str]) -> str:
    return "localhost" if listener.alone and answer.address in localhost else answer.address


def _likelihood(listener: Listener, recognised: Recognised | None) -> int:
    known = recognised is not None and recognised.development
    own = listener.process is not None and listener.process.own
    return 2 * known + _is_common(listener.port) + own
