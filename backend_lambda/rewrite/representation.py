"""Fields that say which representation the visitor has: validators, codings, ranges, caches.

RH18, RH20, RH30, RQ10-RQ12.

A rewritten body is another one than the app's, so it bears a validator of its own, from which the app's is restored.
"""

from __future__ import annotations

from functools import lru_cache

from backend_lambda.rewrite.codings import accept_encoding
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import RequestFacts
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.modes import Layers
from backend_lambda.rewrite.runtime import runtime_hash
from backend_lambda.rewrite.validators import fingerprint, mark_etag, own_etag, restore, restore_if_match

# What is rewritten, and so needed whole, told by what the browser wants it for or by its name.
_WHOLE = frozenset(
    {"document", "iframe", "frame", "fencedframe", "style", "manifest", "worker", "sharedworker", "serviceworker"}
)
_WHOLE_NAMES = (".html", ".htm", ".xhtml", ".css", ".svg", ".webmanifest", ".m3u8")
_CONDITIONS = frozenset({"accept-encoding", "if-match", "if-modified-since", "if-none-match", "if-range", "range"})


def ask_for_representation(
    headers: list[Header], facts: RequestFacts, context: RewriteContext, layers: Layers
) -> list[Header]:
    """The request's fields as the app must see them, so that its answer can be rewritten."""
    if not layers.markup:
        return headers
    if facts.is_off:
        layers = layers.without_runtime
    out: list[Header] = []
    is_whole = facts.destination in _WHOLE or facts.path.lower().endswith(_WHOLE_NAMES)
    for pair in headers:
        name, value = pair
        lower = name.lower()
        if lower not in _CONDITIONS:
            out.append(pair)
        elif lower == "accept-encoding":
            out.append((name, _accept_encoding(value)))
        elif lower == "if-match":
            out.append((name, restore_if_match(value)))
        elif lower == "if-none-match":
            restored = restore(value, _fingerprint(context, layers))
            # What is rewritten now but bears the app's own tag was not when the visitor got it: in mode `raw`, say.
            kept = ", ".join(sorted(restored.tags)) if is_whole and value.strip() != "*" else restored.value
            if kept:
                out.append((name, kept))
        elif lower == "if-modified-since":
            if _keeps_date(facts, context, layers, is_whole=is_whole):
                out.append(pair)
        elif not is_whole:
            out.append(pair)
    return out


def describe_rewritten(
    headers: list[Header], context: RewriteContext, layers: Layers, *, compressed: bool
) -> list[Header]:
    """The fields of an answer whose body is another one than the app's.

    compressed: it leaves as gzip
    """
    mark = _fingerprint(context, layers)
    out: list[Header] = []
    has_tag = has_cache = varies = False
    date = ""
    for pair in headers:
        name, value = pair
        lower = name.lower()
        if lower == "etag":
            has_tag = True
            pair = (name, mark_etag(value, mark))
        elif lower == "last-modified":
            date = value
        elif lower == "cache-control":
            has_cache = True
            if not _names(value) & {"public", "private"}:
                pair = (name, f"{value}, private" if value.strip() else "private")
        elif lower == "vary":
            varies = varies or bool(_names(value) & {"*", "accept-encoding"})
        out.append(pair)
    if date and not has_tag:
        out.append(("ETag", own_etag(date, mark)))
    if not has_cache:
        out.append(("Cache-Control", "private"))
    if not varies:
        out.append(("Vary", "Accept-Encoding"))
    if compressed:
        out.append(("Content-Encoding", "gzip"))
    return out


def describe_unchanged(
    headers: list[Header], facts: RequestFacts, context: RewriteContext, layers: Layers
) -> list[Header]:
    """The fields of a 304 for a copy that has been rewritten: the visitor knows it by our tag."""
    if not facts.if_none_match or not layers.markup:
        return headers
    mark = _fingerprint(context, layers)
    tags = restore(facts.if_none_match, mark).tags
    return [
        (name, mark_etag(value, mark)) if name.lower() == "etag" and value.strip(" \t") in tags else (name, value)
        for name, value in headers
    ]


def vary_by_destination(headers: list[Header]) -> list[Header]:
    """For scripts: a worker gets another one than a page, so neither may take the other's from a cache."""
    return [*headers, ("Vary", "Sec-Fetch-Dest")]


def _keeps_date(facts: RequestFacts, context: RewriteContext, layers: Layers, *, is_whole: bool) -> bool:
    """Whether a date alone says that the visitor's copy is what it would get now."""
    if not facts.if_none_match:
        return not is_whole  # ours would have a tag
    restored = restore(facts.if_none_match, _fingerprint(context, layers))
    return restored.keeps_date and (restored.is_ours or not is_whole)


def _fingerprint(context: RewriteContext, layers: Layers) -> str:
    return _fingerprint_of(context.prefix, context.public_origin, context.upstream_origin, layers.names)


@lru_cache(maxsize=512)
def _fingerprint_of(prefix: str, public_origin: str, upstream_origin: str, names: tuple[str, ...]) -> str:
    return fingerprint(RewriteContext("", prefix, public_origin, upstream_origin), names, runtime_hash())


_accept_encoding = lru_cache(maxsize=256)(accept_encoding)


def _names(value: str) -> set[str]:
    return {part.partition("=")[0].strip().lower() for part in value.split(",")}
