"""Validators of rewritten bodies (RH18, RQ11): an entity tag names the app's version *and* what rewriting made of it.

A tag of ours is `W/"<tag>-hw<fingerprint><how>"`, weak because the bytes depend on the coding, too. how: `s`, `w`: the
app's tag was strong, weak; `x`: it was no proper tag, so it stands in hexadecimal; `d`: there was none, the tag is made
of `Last-Modified`. A fingerprint that is not the present one shows that the copy was made by another version of the
rewriter, or for another address, so it must not be confirmed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from backend_lambda.rewrite.context import RewriteContext

REWRITER_VERSION = 1
"""Raised when the same body comes out differently than before."""

_TAG = re.compile(r"(W/)?\"([^\"]*)\"")
_MEMBER = re.compile(r"(?:W/)?\"[^\"]*\"|[^\s,]+")
_OURS = re.compile(r"W/\"([^\"]*)-hw([0-9a-f]{8})([swxd])\"")


@dataclass(frozen=True, slots=True)
class Restored:
    """A visitor's `If-None-Match` for the app.

    value: the field, None if it is to be left out
    keeps_date: `If-Modified-Since` may go along; else the app could confirm a copy that is out of date for us
    is_ours: one of them is a tag of ours that is still right
    tags: the app's tags among them that stand for rewritten copies: a 304 that names one has to name ours
    """

    value: str | None
    keeps_date: bool = True
    is_ours: bool = False
    tags: frozenset[str] = frozenset()


def fingerprint(context: RewriteContext, layers: Sequence[str], runtime_hash: str) -> str:
    """8 hexadecimal digits for all that rewriting depends on besides the body.

    layers: their names; runtime_hash: of the script that pages load
    """
    site = context.site
    parts = [
        REWRITER_VERSION,
        site.prefix,
        site.public_origin,
        sorted(site.upstream_origins),
        list(layers),
        runtime_hash,
    ]
    return sha256(json.dumps(parts).encode()).hexdigest()[:8]


def mark_etag(value: str, fingerprint: str) -> str:
    """The tag of the rewritten body, for an `ETag` of the app."""
    tag = value.strip(" \t")
    match = _TAG.fullmatch(tag)
    if match is None:
        return f'W/"{tag.encode("utf-8", "surrogatepass").hex()}-hw{fingerprint}x"'
    return f'W/"{match[2]}-hw{fingerprint}{"w" if match[1] else "s"}"'


def own_etag(last_modified: str, fingerprint: str) -> str:
    """A tag for a rewritten body to which the app gives a date only."""
    date = sha256(last_modified.strip(" \t").encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f'W/"{date}-hw{fingerprint}d"'


def restore(if_none_match: str, fingerprint: str) -> Restored:
    """Translate a visitor's `If-None-Match` back: foreign tags and `*` stay, those of other fingerprints go."""
    out: list[str] = []
    tags: set[str] = set()
    is_changed = has_stale = has_fresh = False
    for member in _MEMBER.findall(if_none_match):
        match = _OURS.fullmatch(member)
        if match is None:
            out.append(member)
            continue
        is_changed = True
        if match[2] != fingerprint:
            has_stale = True
            continue
        has_fresh = True
        if match[3] != "d":
            tags.add(_original(match))
            out.append(_original(match))
    if not is_changed:
        return Restored(if_none_match if out else None)
    return Restored(", ".join(out) or None, has_fresh or not has_stale, has_fresh, frozenset(tags))


def restore_if_match(value: str) -> str:
    """A visitor's `If-Match`: it is about the app's version, whatever made the copy that the visitor has."""
    return _MEMBER.sub(_restore_member, value)


def _restore_member(match: re.Match[str]) -> str:
    ours = _OURS.fullmatch(match[0])
    return match[0] if ours is None or ours[3] == "d" else _original(ours)


def _original(match: re.Match[str]) -> str:
    """The app's tag in one of ours."""
    tag, _, how = match.groups()
    if how == "x":
        try:
            return bytes.fromhex(tag).decode("utf-8", "surrogatepass")
        except ValueError:
            return match[0]
    return f'W/"{tag}"' if how == "w" else f'"{tag}"'
