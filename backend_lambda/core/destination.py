"""Where a visitor's request goes: to a tunnel's agent, back to where it belongs, to our own files, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_lambda.core.background import detach
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicRequest, PublicResponse
from backend_lambda.core.own_files import own_file
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import Ports, TunnelRecord
from backend_lambda.core.recovery import Origin, back_to, is_navigation, origin_of, recovery_page
from backend_lambda.core.rewriting import PageMemory
from backend_lambda.core.routing import MissingSlash, Route, route, tunnel_of_host
from backend_lambda.protocol.heads import is_method, is_target
from backend_lambda.protocol.messages import Leak
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import RequestFacts, read_facts, without_marks
from backend_lambda.rewrite.modes import Layers


@dataclass(frozen=True, slots=True)
class Destination:
    """A routed request: its tunnel is known and its agent is connected.

    facts: what the request says about the answer it wants
    layers: those that run for the tunnel in the place where it was asked for
    """

    route: Route
    record: TunnelRecord
    connection_id: str
    context: RewriteContext
    facts: RequestFacts
    layers: Layers


class Refused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, response: PublicResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Router:
    """Finds destinations; one instance serves everything."""

    def __init__(self, ports: Ports, door: FrontDoor, pages: PageMemory) -> None:
        self._ports = ports
        self._door = door
        self._pages = pages

    async def find(self, request: PublicRequest, *, fresh: bool = False) -> Destination:
        """The tunnel and agent for this request. Raises Refused: redirects, recovery, our own files, 403, 404, 503.

        fresh: no cached look-ups
        """
        found = route(request.target, request.host, self._door.host_bases)
        is_by_path = found is None or isinstance(found, MissingSlash) or bool(found.prefix)
        target = found.target if isinstance(found, Route) else request.target
        facts = read_facts(request.method, target, request.headers)
        record = await self._ports.tunnels.look_up(found.tunnel, fresh=fresh) if found is not None else None
        if found is None or record is None:
            if is_by_path and tunnel_of_host(request.host, self._door.host_bases) is None:
                raise Refused(await self._without_tunnel(request, facts))
            raise Refused(failure_response("unknown_tunnel", request.headers))
        if is_by_path:
            await self._check_origin(request, facts, record.name)
        if isinstance(found, MissingSlash):
            raise Refused(PublicResponse(308, [("Location", found.location), ("Content-Length", "0")]))
        found = replace(found, target=without_marks(found.target)) if found.prefix else found
        self._check_worker(request, facts, record)
        context = _context(request, found, record, self._door)
        layers = self._pages.layers(record, found.prefix)
        if is_by_path:
            self._answer_ourselves(found, record, facts, context, layers)
        if record.connection_id is None:
            raise Refused(failure_response("agent_offline", request.headers))
        return Destination(found, record, record.connection_id, context, facts, layers)

    def _answer_ourselves(
        self, found: Route, record: TunnelRecord, facts: RequestFacts, context: RewriteContext, layers: Layers
    ) -> None:
        """What needs no agent. Raises Refused."""
        own = own_file(found.target, facts, context, layers)
        if own is not None:
            raise Refused(own)
        if record.options.mode == "host" and facts.is_page:
            url = self._door.host_url(record.name)
            if url is not None:
                raise Refused(_elsewhere(url.rstrip("/") + found.target))

    def _check_worker(self, request: PublicRequest, facts: RequestFacts, record: TunnelRecord) -> None:
        """What a worker's module imports is a script of that worker, which browsers do not say (J2)."""
        if facts.destination in ("script", "") and facts.referer:
            origin = origin_of(request, facts.referer)
            if origin is not None and self._pages.is_of_worker(record.name, origin.page):
                facts.destination = "worker"

    async def _without_tunnel(self, request: PublicRequest, facts: RequestFacts) -> PublicResponse:
        """What came to the root, or below a prefix that is none, may have lost its own (layer L4)."""
        origin = origin_of(request, facts.referer)
        record = await self._ports.tunnels.look_up(origin.tunnel) if origin is not None else None
        if origin is not None and record is not None:
            prefix = f"/{record.name}"
            layers = self._pages.layers(record, prefix)
            if layers.strip and is_navigation(facts):
                return recovery_page(request, prefix)
            if layers.runtime:
                return self._send_back(request, origin, record)
        if is_navigation(facts):
            return recovery_page(request)
        return failure_response("unknown_tunnel", request.headers)

    async def _check_origin(self, request: PublicRequest, facts: RequestFacts, name: str) -> None:
        """A page of one tunnel has nothing to ask of another one (defence in depth, see docs/security.md): its request
        has lost its prefix and only looks as if it named the other tunnel. Raises Refused."""
        if facts.site != "same-origin" or facts.mode in ("navigate", "") or not facts.referer:
            return
        origin = origin_of(request, facts.referer)
        if origin is None or origin.tunnel == name:
            return
        record = await self._ports.tunnels.look_up(origin.tunnel)
        if record is None:
            return
        if self._pages.layers(record, f"/{record.name}").runtime:
            raise Refused(self._send_back(request, origin, record))
        raise Refused(failure_response("other_tunnel", request.headers))

    def _send_back(self, request: PublicRequest, origin: Origin, record: TunnelRecord) -> PublicResponse:
        """To where it belongs; the agent hears of it first, and so knows the request when it comes."""
        target = request.target
        # A visitor's Referer may hold anything; a leak that breaks the protocol would cost the agent its connection.
        fits = is_method(request.method) and is_target(target) and is_target(origin.page)
        # Browsers look for the icon at the root by themselves; the page has nothing to do with it.
        if record.connection_id is not None and fits and target != "/favicon.ico":
            leak = Leak(request.method, target, origin.page)
            detach(self._ports.push.send(record.connection_id, leak), f"leak {record.name}")
        return back_to(f"/{record.name}", request)


def _context(request: PublicRequest, found: Route, record: TunnelRecord, door: FrontDoor) -> RewriteContext:
    options = record.options
    return RewriteContext(
        tunnel=record.name,
        prefix=found.prefix,
        public_origin=f"{request.scheme}://{request.host}",
        upstream_origin=options.upstream,
        host_header=options.host_header,
        forwarded=options.forwarded,
        visitor_address=request.client,
        tells_prefix=options.mode == "raw",
        rewrite_oauth=options.rewrite_oauth,
        socket_url=door.socket_url,
        store_origin=door.store_origin if options.blobs else "",
    )


def _elsewhere(url: str) -> PublicResponse:
    return PublicResponse(307, [("Location", url), ("Cache-Control", "no-store"), ("Content-Length", "0")])
