"""Response headers on their way from the app to the visitor (RH1-RH31): one rule per field, in a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.cookies import map_set_cookie
from backend_lambda.rewrite.csp import import_map_hash, map_policy
from backend_lambda.rewrite.document import Loader
from backend_lambda.rewrite.embedded_urls import map_link, map_quoted_list, map_refresh
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
from backend_lambda.rewrite.oauth import map_embedded
from backend_lambda.rewrite.permissions import map_feature_policy, map_permissions_policy
from backend_lambda.rewrite.report import Report
from backend_lambda.rewrite.reporting import map_nel, map_report_to, map_reporting_endpoints
from backend_lambda.rewrite.urlmap import map_url


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a rule may know besides the value.

    request_path: raw path in the app's view, or None; without it relative references that may climb stay as they are
    body_changed: the body that leaves is not the app's, byte for byte
    loader: the runtime that the page gets, None without one
    """

    context: RewriteContext
    status: int
    method: str
    request_path: str | None
    body_changed: bool
    loader: Loader | None = None

    def map_url(self, url: str) -> str:
        return map_url(url, self.context, document_path=self.request_path)


Rule = Callable[[str, Exchange], str | None]  # None drops the field


def map_response_headers(
    status: int,
    headers: Headers,
    context: RewriteContext,
    *,
    method: str,
    body_changed: bool,
    request_path: str | None = None,
    loader: Loader | None = None,
    report: Report | None = None,
) -> list[Header]:
    """The headers the visitor gets, in the app's order; for interim responses (103) as well.

    Never raises: a pair that may not be sent (RFC 9110, sections 5.1 and 5.5) is left out.
    report: where edits are counted
    """
    exchange = Exchange(context, status, method, request_path, body_changed, loader)
    out: list[Header] = []
    append = out.append
    nominated: frozenset[str] = frozenset()
    lengths: list[str] = []
    has_coding = False
    for pair in headers:
        name, value = pair
        if not name.isascii():  # lower() would make a plain k of the Kelvin sign
            continue
        lower = name.lower()
        rule = _RULES.get(lower)
        if rule is None:
            if is_safe_value(value) and not lower.startswith(DROPPED_PREFIXES) and is_valid_name(name):
                append(pair)
        elif rule is _drop:
            if lower == "connection":
                nominated |= nominated_fields(value)
            elif lower == "transfer-encoding":
                has_coding = True
        elif is_safe_value(value):
            mapped = rule(value, exchange)
            if mapped is value:
                append(pair)
            elif mapped is not None and is_safe_value(mapped):
                append((name, mapped))
                if report is not None and mapped != value:
                    report.count(_COUNTED_AS.get(lower, "header"))
            if lower == "content-length":
                lengths.append(value)
    if len(lengths) > 1 or (lengths and has_coding):
        # RFC 9112, section 6.3: the coding wins, and of several lengths none can be trusted.
        out = [pair for pair in out if pair[0].lower() != "content-length"]
    if nominated:
        out = [pair for pair in out if pair[0].lower() not in nominated]
    return out


def _drop(value: str, exchange: Exchange) -> str | None:
    return None


def _url(value: str, exchange: Exchange) -> str | None:
    return exchange.map_url(value)


def _location(value: str, exchange: Exchange) -> str | None:
    mapped = exchange.map_url(value)
    if exchange.context.rewrite_oauth and mapped == value:
        return map_embedded(value, exchange.context)  # RH2
    return mapped


def _policy(value: str, exchange: Exchange) -> str | None:
    """RH11-RH16."""
    context, loader = exchange.context, exchange.loader
    if loader is None:
        return map_policy(value, context, document_path=exchange.request_path)
    return map_policy(
        value,
        context,
        loader=True,
        nonce=loader.nonce,
        loader_hash=None if loader.integrity is None else f"'{loader.integrity}'",
        import_map_hash=import_map_hash(context.prefix) if loader.import_map else None,
        document_path=exchange.request_path,
    )


def _report_to(value: str, exchange: Exchange) -> str | None:
    return map_report_to(value, exchange.map_url)


def _reporting_endpoints(value: str, exchange: Exchange) -> str | None:
    return map_reporting_endpoints(value, exchange.map_url)


def _permissions_policy(value: str, exchange: Exchange) -> str | None:
    return map_permissions_policy(value, exchange.context)


def _feature_policy(value: str, exchange: Exchange) -> str | None:
    return map_feature_policy(value, exchange.context)


def _nel(value: str, exchange: Exchange) -> str | None:
    return map_nel(value, exchange.context)


def _of_the_body(value: str, exchange: Exchange) -> str | None:
    """Describes or signs the bytes as the app sent them (RH19, RH20)."""
    return None if exchange.body_changed else value


def _accept_ranges(value: str, exchange: Exchange) -> str | None:
    """RH21: offsets in another body than the app's mean nothing to it."""
    return "none" if exchange.body_changed else value


def _link(value: str, exchange: Exchange) -> str | None:
    return map_link(value, exchange.map_url)


def _refresh(value: str, exchange: Exchange) -> str | None:
    return map_refresh(value, exchange.map_url)


def _quoted_urls(value: str, exchange: Exchange) -> str | None:
    return map_quoted_list(value, exchange.map_url)


def _set_cookie(value: str, exchange: Exchange) -> str | None:
    return map_set_cookie(value, exchange.context)


def _content_length(value: str, exchange: Exchange) -> str | None:
    """RH17: gone if the body (or, for HEAD, the body that GET would get) is another; never on 1xx and 204."""
    if exchange.body_changed or exchange.status < 200 or exchange.status == 204 or not is_valid_length(value):
        return None
    return value


def _allow_origin(value: str, exchange: Exchange) -> str | None:
    site = exchange.context.site
    return site.public_origin if value.strip().lower() in site.upstream_origins else value


def _allow_origins(value: str, exchange: Exchange) -> str | None:
    site = exchange.context.site
    origins = value.split(",")
    for index, origin in enumerate(origins):
        bare = origin.strip()
        if bare.lower() in site.upstream_origins:
            origins[index] = origin.replace(bare, site.public_origin)
    return ",".join(origins)


def _service_worker_allowed(value: str, exchange: Exchange) -> str | None:
    """RH23: nothing but scopes below the prefix, whatever spelling is tried."""
    prefix = exchange.context.prefix
    if not prefix:
        return value
    mapped = exchange.map_url(value).strip().replace("\t", "")
    if mapped == prefix:
        return prefix + "/"
    if mapped.startswith(prefix + "/"):
        return mapped
    if exchange.request_path is None and (".." in mapped or "%2" in mapped):
        # Relative to a script whose address is not known here; the widest scope the tunnel may have.
        return prefix + "/"
    # A plain relative scope is fine; an address that is not ours would be cut to its path, so it goes.
    return None if mapped[:1] in ("/", "\\") or ":" in mapped else value


def _clear_site_data(value: str, exchange: Exchange) -> str | None:
    """RH25: below a prefix it would wipe every tunnel of the origin; on a host of its own it is the app's right."""
    return None if exchange.context.prefix else value


def _frame_options(value: str, exchange: Exchange) -> str | None:
    return None if value.strip().lower().startswith("allow-from") else value


def _htmx_location(value: str, exchange: Exchange) -> str | None:
    """`HX-Location` is a path, or a JSON object with one."""
    if not value.lstrip().startswith("{"):
        return exchange.map_url(value)
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return value
    path = document.get("path")
    if not isinstance(path, str) or (mapped := exchange.map_url(path)) == path:
        return value
    return json.dumps({**document, "path": mapped})


def _switching_only(value: str, exchange: Exchange) -> str | None:
    """Each hop of a WebSocket has its own handshake (RQ16)."""
    return None if exchange.status == 101 else value


_RULES: dict[str, Rule] = {
    **dict.fromkeys(HOP_BY_HOP, _drop),
    "accept-ranges": _accept_ranges,
    "access-control-allow-origin": _allow_origin,
    "alt-svc": _drop,
    "clear-site-data": _clear_site_data,
    "content-base": _url,
    "content-digest": _of_the_body,
    "content-encoding": _of_the_body,
    "content-length": _content_length,
    "content-location": _url,
    "content-md5": _of_the_body,
    "content-security-policy": _policy,
    "content-security-policy-report-only": _policy,
    "digest": _of_the_body,
    "early-data": _drop,
    "expect-ct": _drop,
    "feature-policy": _feature_policy,
    "hx-location": _htmx_location,
    "hx-push-url": _url,
    "hx-redirect": _url,
    "hx-replace-url": _url,
    "link": _link,
    "location": _location,
    "nel": _nel,
    "permissions-policy": _permissions_policy,
    "public-key-pins": _drop,
    "public-key-pins-report-only": _drop,
    "refresh": _refresh,
    "report-to": _report_to,
    "reporting-endpoints": _reporting_endpoints,
    "repr-digest": _of_the_body,
    "sec-websocket-accept": _switching_only,
    "sec-websocket-extensions": _switching_only,
    "service-worker-allowed": _service_worker_allowed,
    "set-cookie": _set_cookie,
    "signature": _of_the_body,
    "signature-input": _of_the_body,
    "sourcemap": _url,
    "speculation-rules": _quoted_urls,
    "strict-transport-security": _drop,
    "timing-allow-origin": _allow_origins,
    "turbo-location": _url,
    "turbolinks-location": _url,
    "x-frame-options": _frame_options,
    "x-inertia-location": _url,
    # X-Nextjs-Matched-Path is a key of the route table, not an address (as J7).
    "x-nextjs-redirect": _url,
    "x-nextjs-rewrite": _url,
    "x-pjax-url": _url,
    "x-sourcemap": _url,
    "x-up-location": _url,
}
_COUNTED_AS = {
    "content-security-policy": "policy",
    "content-security-policy-report-only": "policy",
    "location": "location",
    "set-cookie": "cookie",
}
