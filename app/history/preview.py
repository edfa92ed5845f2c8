"""Makes a rewritten body again from the raw one, so that it need not be sent back and stored.

It is what the relay did, with the same code and the recorded request; the digest in the relay's report proves it right.
Slow for large bodies: for a thread.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.content.codings import decode_body
from app.domain.exchange import Exchange
from app.domain.tunnel import TunnelSpec
from backend_lambda.rewrite.codings import BrokenCoding
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import read_facts, without_marks
from backend_lambda.rewrite.modes import Layers
from backend_lambda.rewrite.policy import plan_response
from backend_lambda.rewrite.rewriters import SCRIPTS

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """body: without its content coding, None if it cannot be made; note: why not, or why it is not proved"""

    body: bytes | None
    note: str = ""
    verified: bool = False


def delivered_body(exchange: Exchange, spec: TunnelSpec) -> Preview:
    """The body as the visitor got it.

    spec: of the tunnel, as it is now; for exchanges whose record does not tell what it was set to then
    """
    rewriting, delivered, visitor = exchange.rewriting, exchange.delivered, exchange.visitor_request
    if rewriting is None or delivered is None or visitor is None:
        return Preview(None, "The relay did not tell enough to make this body again.")
    if exchange.response_body.truncated:
        return Preview(None, "The answer was not kept whole, so its rewritten form cannot be made again.")
    origin, prefix = _place(exchange, visitor.target)
    options = exchange.options or spec.rewrite_options
    context = RewriteContext(
        tunnel=exchange.tunnel,
        prefix=prefix,
        public_origin=origin,
        upstream_origin=exchange.upstream,
        host_header=options.host_header,
        forwarded=options.forwarded,
        visitor_address=exchange.visitor,
        tells_prefix=options.mode == "raw",
        rewrite_oauth=options.rewrite_oauth,
        socket_url=options.socket_url,
        store_origin=options.store_origin,
    )
    facts = read_facts(exchange.method, visitor.target.removeprefix(prefix), list(visitor.headers))
    if rewriting.kind == "worker":
        facts.destination = "worker"  # the relay may know that from pages before (J2)
    # Those that ran: whether the tunnel's pages had shown themselves to be a single-page app is in them.
    ran = rewriting.layers
    layers = Layers(markup="L1" in ran, runtime="L2" in ran or rewriting.kind in SCRIPTS, strip="L5" in ran)
    plan = plan_response(exchange.status or 200, list(exchange.response_headers), context, facts, layers)
    data = exchange.response_body.data
    out: list[bytes] = []
    try:
        for start in range(0, len(data), _PIECE):
            out += plan.feed(data[start : start + _PIECE])
        out += plan.close()
    except BrokenCoding:
        return Preview(None, "The answer's Content-Encoding is broken, so it cannot be made again.")
    coding = next((value for name, value in plan.headers if name.lower() == "content-encoding"), "")
    body = decode_body(b"".join(out), coding, cap=1 << 28).data
    if hashlib.sha256(body).hexdigest() == delivered.digest:
        return Preview(body, verified=True)
    changed = "Hatchway's version has" if exchange.options else "the tunnel's settings or Hatchway's version have"
    return Preview(
        body, f"Made again just now, but it is not byte for byte what was delivered: {changed} changed since."
    )


def _place(exchange: Exchange, target: str) -> tuple[str, str]:
    """(public origin, prefix) of the visit: on a host of its own the path is the service's path."""
    scheme, _, rest = exchange.public_url.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    prefix = f"/{exchange.tunnel}"
    below = target.startswith(prefix + "/") and without_marks(target.removeprefix(prefix)) == exchange.target
    return origin, prefix if below else ""
