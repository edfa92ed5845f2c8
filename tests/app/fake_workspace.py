"""An in-memory `Workspace` for tests of the window: real behaviour (events, paging, replay), no sockets, no files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.domain.events import (
    Event,
    ExchangeFinished,
    ExchangeResponded,
    ExchangeRewritten,
    ExchangeStarted,
    Listener,
    TunnelChanged,
    TunnelRemoved,
)
from app.domain.exchange import Body, Exchange, ExchangeState, Headers, Rewriting
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.replay import EditedRequest
from app.domain.services import LocalService
from app.domain.settings import SavedFilter, Settings, Theme
from app.domain.stage import Stage
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls, check_name
from app.domain.upstream import Upstream, parse_upstream
from app.domain.usage import UsageReport
from app.engine.stages import stages_of
from app.replay.judgement import judge
from tests.app.fake_archive import FakeArchive
from tests.app.fake_backends import FakeBackends
from tests.app.fake_replays import FakeReplays
from tests.app.fake_signing import FakeSigning

Answer = Callable[[Exchange], None]
"""Fills in status, headers and body of a replayed exchange, or its problem."""


class FakeWorkspace:
    """Tunnels go online at once; exchanges are added by the test through `begin`, `respond`, `finish` or `record`.

    answer: how the service answers a replay
    replay_error: raised by the next replays instead of sending
    history_error: raised when exchanges are read
    edit_errors: raised by `edit_tunnel`, by the id of the tunnel: another backend refuses it, say
    usages: what tunnels have used of an AWS account, by the id of the tunnel
    calls: names of the methods called, with their main argument
    """

    def __init__(self, *tunnels: TunnelSpec) -> None:
        self.backends = FakeBackends(self.publish, lambda: [each.spec for each in self.tunnels], self.edit_tunnel)
        self.services: list[LocalService] = []
        self.calls: list[tuple[str, str]] = []
        self.answer: Answer = _answer_ok
        self.replay_seconds = 0.0
        self.replay_error: HatchwayError | None = None
        self.sent: list[EditedRequest | None] = []
        self.edit_errors: dict[str, HatchwayError] = {}
        self.usages: dict[str, UsageReport] = {}
        self._tunnels: dict[str, TunnelStatus] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._listeners: list[Listener] = []
        self.archive = FakeArchive(self._exchanges, self.publish)
        self.signing = FakeSigning()
        self.replays = FakeReplays(self.archive, self.replay)
        for spec in tunnels:
            self._tunnels[spec.id] = _status(spec, TunnelState.ONLINE if spec.enabled else TunnelState.STOPPED)

    # -- Workspace ---------------------------------------------------------------------------------------------------

    @property
    def history_error(self) -> HatchwayError | None:
        return self.archive.error

    @history_error.setter
    def history_error(self, error: HatchwayError | None) -> None:
        self.archive.error = error

    @property
    def settings(self) -> Settings:
        return self.backends.settings.current

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.backends.settings.current = settings

    @property
    def tunnels(self) -> Sequence[TunnelStatus]:
        return tuple(self._tunnels.values())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def add_tunnel(self, spec: TunnelSpec) -> TunnelStatus:
        spec = replace(spec, name=check_name(spec.name))
        if any(status.spec.name == spec.name for status in self._tunnels.values()):
            raise fail("name_taken", f"A tunnel named {spec.name} exists already", "you", "Choose another name.")
        self.calls.append(("add_tunnel", spec.id))
        self.set_status(_status(spec, TunnelState.ONLINE if spec.enabled else TunnelState.STOPPED))
        return self._tunnels[spec.id]

    async def edit_tunnel(self, spec: TunnelSpec) -> None:
        self.calls.append(("edit_tunnel", spec.id))
        if spec.id in self.edit_errors:
            raise self.edit_errors[spec.id]
        self.set_status(_status(spec, self._tunnels[spec.id].state))

    async def remove_tunnel(self, tunnel_id: str) -> None:
        self.calls.append(("remove_tunnel", tunnel_id))
        del self._tunnels[tunnel_id]
        self.publish(TunnelRemoved(tunnel_id))

    async def start_tunnel(self, tunnel_id: str) -> None:
        self.calls.append(("start_tunnel", tunnel_id))
        spec = replace(self._tunnels[tunnel_id].spec, enabled=True)
        self.set_status(_status(spec, TunnelState.CONNECTING))
        self.set_status(_status(spec, TunnelState.ONLINE))

    async def stop_tunnel(self, tunnel_id: str) -> None:
        self.calls.append(("stop_tunnel", tunnel_id))
        self.set_status(_status(replace(self._tunnels[tunnel_id].spec, enabled=False), TunnelState.STOPPED))

    def retry_now(self, tunnel_id: str) -> None:
        self.calls.append(("retry_now", tunnel_id))
        self.set_status(_status(self._tunnels[tunnel_id].spec, TunnelState.ONLINE))

    def usage(self, tunnel_id: str) -> UsageReport:
        return self.usages.get(tunnel_id, UsageReport())

    async def find_services(self) -> Sequence[LocalService]:
        self.calls.append(("find_services", ""))
        return tuple(self.services)

    async def start_demo(self) -> Upstream:
        self.calls.append(("start_demo", ""))
        return Upstream("http", "127.0.0.1", 4781)

    async def exchange(self, exchange_id: str) -> Exchange | None:
        self.calls.append(("exchange", exchange_id))
        await asyncio.sleep(0)
        if self.history_error is not None:
            raise self.history_error
        return self._exchanges.get(exchange_id)

    async def stages(self, exchange: Exchange) -> Sequence[Stage]:
        return await stages_of(exchange, TunnelSpec(exchange.tunnel, parse_upstream(exchange.upstream)))

    async def replay(self, exchange_id: str, edit: EditedRequest | None = None) -> Exchange:
        self.calls.append(("replay", exchange_id))
        if self.replay_error is not None:
            raise self.replay_error
        original = self._exchanges.get(exchange_id)
        if original is None:
            raise fail("gone", "The recording of this request is gone", "Hatchway", "Send it anew.")
        self.sent.append(edit)
        again = Exchange(
            tunnel=original.tunnel,
            tunnel_id=original.tunnel_id,
            method=edit.method if edit else original.method,
            target=edit.target if edit else original.target,
            upstream=original.upstream,
            request_headers=edit.headers if edit else original.request_headers,
            request_body=Body(edit.body) if edit else original.request_body,
            public_url=original.upstream + (edit.target if edit else original.target),
            replay_of=original.id,
        )
        self.begin(again)
        await asyncio.sleep(self.replay_seconds)
        self.answer(again)
        self.finish(again)
        if (judgement := judge(original, again)) is not None:
            await self.archive.annotate([again.id], verdict=judgement.verdict)
        return again

    async def visit(self, tunnel_id: str) -> None:
        self.calls.append(("visit", tunnel_id))
        spec = next(status.spec for status in self.tunnels if status.spec.id == tunnel_id)
        arrived = Exchange(tunnel=spec.name, tunnel_id=spec.id, method="GET", target="/", upstream=spec.upstream.origin)
        self.answer(self.begin(arrived))
        self.finish(arrived)

    async def set_theme(self, theme: Theme) -> None:
        self.settings = replace(self.settings, theme=theme)

    async def set_filters(self, filters: Sequence[SavedFilter]) -> None:
        self.settings = replace(self.settings, filters=tuple(filters))

    # -- what tests do -----------------------------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        """Deliver an event to every listener."""
        for listener in tuple(self._listeners):
            listener(event)

    def set_status(self, status: TunnelStatus) -> None:
        """Replace the status of a tunnel and publish it."""
        self._tunnels[status.spec.id] = status
        self.publish(TunnelChanged(status))

    def record(self, *exchanges: Exchange) -> None:
        """Put exchanges into the history without events: they happened before this start."""
        for exchange in exchanges:
            self._exchanges[exchange.id] = exchange

    def forget(self, exchange: Exchange) -> None:
        """Another process deletes it from the history: nothing tells this one."""
        del self._exchanges[exchange.id]

    def begin(self, exchange: Exchange) -> Exchange:
        """A request arrives."""
        self._exchanges[exchange.id] = exchange
        exchange.sent_ns = exchange.sent_ns or exchange.started_ns + 400_000
        self.publish(ExchangeStarted(exchange))
        return exchange

    def respond(self, exchange: Exchange, status: int, *headers: tuple[str, str], reason: str = "") -> Exchange:
        """The head of the answer is there."""
        exchange.status = status
        exchange.reason = reason
        exchange.response_headers = headers
        exchange.first_byte_ns = time.time_ns()
        self.publish(ExchangeResponded(exchange))
        return exchange

    def finish(self, exchange: Exchange, problem: Problem | None = None) -> Exchange:
        """The exchange is over; with a problem it has failed."""
        self._exchanges.setdefault(exchange.id, exchange)
        exchange.problem = problem or exchange.problem
        if exchange.state is ExchangeState.RUNNING:
            exchange.state = ExchangeState.FAILED if exchange.problem else ExchangeState.DONE
        exchange.finished_ns = time.time_ns()
        self.publish(ExchangeFinished(exchange))
        return exchange

    def rewrite(self, exchange: Exchange, rewriting: Rewriting) -> None:
        """The relay tells what it did to the answer; the history knows it before anybody else."""
        recorded = self._exchanges.get(exchange.id)
        if recorded is not None:
            self._exchanges[exchange.id] = replace(recorded, rewriting=rewriting)
        self.publish(ExchangeRewritten(exchange.id, exchange.tunnel_id, exchange.tunnel, rewriting))

    @property
    def listener_count(self) -> int:
        return len(self._listeners)


def an_exchange(
    method: str = "GET",
    target: str = "/",
    status: int | None = 200,
    *,
    tunnel: str = "shop",
    body: bytes = b"",
    answer: bytes = b"",
    content_type: str = "application/json",
    request_headers: Headers = (),
    started_ns: int | None = None,
) -> Exchange:
    """A finished exchange of 31 ms, running if `status` is None; ids follow `started_ns`."""
    exchange = Exchange(tunnel, tunnel, method, target, "http://localhost:3000", request_headers)
    exchange.public_url = f"http://{tunnel}.localhost:4780{target}"
    exchange.visitor = "127.0.0.1"
    exchange.request_body = Body(body)
    if started_ns is not None:
        exchange.started_ns = started_ns
        exchange.id = f"{started_ns:012}"
    if status is not None:
        exchange.status = status
        exchange.response_headers = (("Content-Type", content_type),)
        exchange.response_body = Body(answer)
        exchange.state = ExchangeState.DONE
        exchange.sent_ns = exchange.started_ns + 1_000_000
        exchange.first_byte_ns = exchange.started_ns + 21_000_000
        exchange.finished_ns = exchange.started_ns + 31_000_000
    return exchange


def _answer_ok(exchange: Exchange) -> None:
    exchange.status = 200
    exchange.reason = "OK"
    exchange.first_byte_ns = time.time_ns()
    exchange.response_headers = (("Content-Type", "application/json"),)
    exchange.response_body = Body(b'{"ok":true}')


def _status(spec: TunnelSpec, state: TunnelState) -> TunnelStatus:
    urls = TunnelUrls(f"http://127.0.0.1:4780/{spec.name}/", f"http://{spec.name}.localhost:4780/")
    return TunnelStatus(spec, state, urls if state is TunnelState.ONLINE else None, generation=1, since=time.time())
