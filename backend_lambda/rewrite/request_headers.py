"""Request headers on their way from the visitor to the app (RQ3-RQ9, RQ13, RQ14, RQ16)."""

from __future__ import annotations

from collections.abc import Callable

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.cookies import map_cookie
from backend_lambda.rewrite.headers import (
    DROPPED_PREFIXES,
    HOP_BY_HOP,
    Header,
    Headers,
    is_safe_value,
    is_valid_length,
    is_valid_name,
    nominated_fields,
)
from backend_lambda.rewrite.urlmap import unmap_url

Rule = Callable[[str, RewriteContext], str | None]  # None drops the field

_DROPPED_BY_PREFIX = (*DROPPED_PREFIXES, "x-forwarded-", "x-amzn-tls-")
# Each hop of a WebSocket has its own handshake; only the subprotocols are the visitor's to choose.
_HANDSHAKE = frozenset(
    {"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept"}
)


def map_request_headers(headers: Headers, context: RewriteContext, *, websocket: bool = False) -> list[Header]:
    """The headers the app gets, in the visitor's order, with what the policy adds at the end.

    websocket: this is the opening handshake, which the agent makes anew. Never raises: a pair that may not be sent
    (RFC 9110, sections 5.1 and 5.5) is left out. `Early-Data` stays, as RFC 8470 section 5.1 demands.
    """
    out: list[Header] = []
    append = out.append
    nominated: frozenset[str] = frozenset()
    lengths: list[Header] = []
    has_host = has_coding = False
    for pair in headers:
        name, value = pair
        if not name.isascii():  # lower() would make a plain k of the Kelvin sign
            continue
        lower = name.lower()
        rule = _RULES.get(lower)
        if rule is None:
            if "_" in lower and _passes_for_ours(lower):
                continue
            if (
                is_safe_value(value)
                and not lower.startswith(_DROPPED_BY_PREFIX)
                and is_valid_name(name)
                and not (websocket and lower in _HANDSHAKE)
            ):
                append(pair)
        elif rule is _drop:
            if lower == "connection":
                nominated |= nominated_fields(value)
            elif lower == "transfer-encoding":
                has_coding = True
        elif lower == "host":
            if not has_host:
                has_host = True
                append((name, _host(context)))
        elif lower == "content-length":
            lengths.append(pair)
            append(pair)
        elif is_safe_value(value):
            mapped = rule(value, context)
            if mapped is value:
                append(pair)
            elif mapped is not None and is_safe_value(mapped):
                append((name, mapped))
    if lengths and (has_coding or len(lengths) > 1 or not is_valid_length(lengths[0][1])):
        out = [pair for pair in out if pair[0].lower() != "content-length"]
    if nominated:
        out = [pair for pair in out if pair[0].lower() not in nominated]
    if not has_host:
        out.insert(0, ("Host", _host(context)))
    _add_forwarding(out, context)
    return out


def _passes_for_ours(lower: str) -> bool:
    """CGI and its heirs (WSGI, PHP, Rack) read `X_Real_IP` as `X-Real-IP` (RFC 3875, section 4.1.18)."""
    folded = lower.replace("_", "-")
    return folded in _RULES or folded.startswith(_DROPPED_BY_PREFIX)


def _host(context: RewriteContext) -> str:
    site = context.site
    host = site.upstream_host if context.host_header == "upstream" else site.public_host
    return host if is_safe_value(host) else ""


def _add_forwarding(out: list[Header], context: RewriteContext) -> None:
    """What the app is told about visitor and tunnel: RQ8 by default, RQ9 for apps that know how to use it."""
    address = context.visitor_address
    added: list[Header] = []
    if address:
        added += (("X-Forwarded-For", address), ("X-Real-IP", address))
    if context.forwarded == "aware":
        site = context.site
        added += (("X-Forwarded-Proto", site.public_scheme), ("X-Forwarded-Host", site.public_host))
        if site.prefix:
            added += (
                ("X-Forwarded-Prefix", site.prefix),
                ("X-Forwarded-Context", site.prefix),
                ("X-ProxyContextPath", site.prefix),
            )
        added.append(("Forwarded", _forwarded(address, site.public_host, site.public_scheme)))
    elif context.tells_prefix and context.prefix:
        added.append(("X-Forwarded-Prefix", context.prefix))
    out += [pair for pair in added if is_safe_value(pair[1])]


def _forwarded(address: str, host: str, scheme: str) -> str:
    """One element of RFC 7239; IPv6 addresses and hosts with a port need quotes."""
    node = f'for="[{address}]";' if ":" in address else f"for={address};" if address else ""
    if not is_valid_name(host):  # it is what the visitor says, so it must not close its quotes
        host = '"' + host.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{node}host={host};proto={scheme}"


def _drop(value: str, context: RewriteContext) -> str | None:
    return None


def _origin(value: str, context: RewriteContext) -> str | None:
    # An app that is told the public host compares Origin with it, so there the true one must stand.
    if context.forwarded == "aware" or value.lower() != context.public_origin.lower():
        return value
    return context.app_origin


def _url(value: str, context: RewriteContext) -> str | None:
    return value if context.forwarded == "aware" else unmap_url(value, context)


def _keep(value: str, context: RewriteContext) -> str | None:
    return value


_RULES: dict[str, Rule] = {
    **dict.fromkeys(HOP_BY_HOP, _drop),
    "content-length": _keep,
    "cookie": map_cookie,
    "destination": _url,  # WebDAV (RFC 4918, section 10.3)
    "expect": _drop,  # answered by the front door
    "forwarded": _drop,
    "host": _keep,
    "hx-current-url": _url,
    "origin": _origin,
    "ping-from": _url,
    "ping-to": _url,
    "referer": _url,
    "x-amzn-trace-id": _drop,
    "x-proxycontextpath": _drop,
    "x-real-ip": _drop,
}
