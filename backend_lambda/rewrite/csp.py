"""Content-Security-Policy, in headers and `<meta>` (RH11-RH16): the app's origins move, and our own scripts may run.

What browsers match and ignore follows CSP Level 3. Only what is needed is added, never `'unsafe-…'`, and what is not
changed stays byte for byte.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from backend_lambda.rewrite.context import RewriteContext, Site
from backend_lambda.rewrite.csp_sockets import admit_sockets
from backend_lambda.rewrite.csp_sources import allow, map_sources, public_place
from backend_lambda.rewrite.csp_store import admit_store
from backend_lambda.rewrite.csp_text import Policy
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.inject import import_map_text
from backend_lambda.rewrite.urlmap import map_url

_OWN_FILES = "/__hw/"
_TRUSTED_TYPES_POLICY = "hatchway"  # the runtime creates it
_LONGEST_REMEMBERED = 4096
_LISTS = """
    base-uri child-src connect-src default-src fenced-frame-src font-src form-action frame-ancestors frame-src img-src
    manifest-src media-src navigate-to object-src prefetch-src script-src script-src-attr script-src-elem style-src
    style-src-attr style-src-elem worker-src
    """
_SOURCE_LISTS = frozenset(_LISTS.split())
# Section 6.8.3, "directive fallback list": the first one that is there counts.
_OF_SCRIPTS = ("script-src-elem", "script-src", "default-src")
_OF_WORKERS = ("worker-src", "child-src", "script-src", "default-src")
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'", re.IGNORECASE)
# The public origin may come from a visitor's Host; one that would end a directive has no place in a policy.
_ORIGIN = re.compile(r"https?://[^\s;,'\"\\]+")


@dataclass(frozen=True, slots=True)
class _Own:
    """What a policy has to let run, see `map_policy`."""

    nonce: str | None
    loader_hash: str | None
    import_map_hash: str | None


def nonce_of(policies: Sequence[str]) -> str | None:
    """The nonce that scripts need to run (RH12): of several the one that satisfies most policies, else None.

    policies: field values, each with one or more policies
    """
    found = Counter(nonce for policy in _split(policies) for nonce in dict.fromkeys(_nonces(_script_sources(policy))))
    return found.most_common(1)[0][0] if found else None


def allows_import_map(policies: Sequence[str]) -> bool:
    """Whether our inline import map is of use once `map_policy` has made room for it: some script of the page runs.

    policies: field values as the app sent them
    """
    for policy in _split(policies):
        sandbox = policy.directives.get("sandbox")
        if sandbox is not None and "allow-scripts" not in (value.lower() for value in sandbox.values):
            return False
        scripts = policy.first_of(_OF_SCRIPTS)
        if scripts is not None and scripts.is_none:
            return False
    return True


def needs_integrity(policies: Sequence[str], nonce: str | None) -> bool:
    """Whether the runtime's tag runs only with an `integrity`: a policy ignores hosts, and the nonce is not its own.

    Elsewhere it is better without: a sandboxed page cannot check the digest of what is then another origin's script.
    """
    scripts = [_script_sources(policy) for policy in _split(policies)]
    return any(_is_strict(sources) and nonce not in _nonces(sources) for sources in scripts)


@lru_cache(maxsize=512)
def import_map_hash(prefix: str) -> str:
    """The source expression `'sha256-…'` for the import map that pages below this prefix get (RH13)."""
    return script_hash(import_map_text(prefix).encode())


def script_hash(script: bytes) -> str:
    """The source expression `'sha256-…'` for these bytes; without its quotes it is what `integrity` holds."""
    return f"'sha256-{b64encode(sha256(script).digest()).decode()}'"


def map_policy(
    value: str,
    context: RewriteContext,
    *,
    loader: bool = False,
    nonce: str | None = None,
    loader_hash: str | None = None,
    import_map_hash: str | None = None,
    document_path: str | None = None,
) -> str:
    """One field value, of `Content-Security-Policy` or `-Report-Only`, for the visitor. Never raises.

    loader: the page loads scripts of ours, so those and the runtime's Trusted Types policy must be allowed
    nonce: what our tags carry, see `nonce_of`; None for workers, whose imports carry nothing
    loader_hash: `script_hash` of the runtime, if its tag has an `integrity`: what `'strict-dynamic'` demands of pages
        without a nonce
    import_map_hash: of our inline import map, None without one
    document_path: as in `map_url`, for relative `report-uri`s
    """
    if not _ORIGIN.fullmatch(context.public_origin):
        return value
    own = _Own(nonce, loader_hash, import_map_hash) if loader else None
    path = document_path if "report-uri" in value.lower() else None
    # Apps send the same with every answer; huge ones must not fill the memory.
    change = _remembered if len(value) <= _LONGEST_REMEMBERED else _map_policy
    return change(value, context, own, path)


def map_meta_policy(value: str, document: Document) -> str:
    """The same for the policy in a `<meta>` (RH16), which counts for what comes after it."""
    context, loader = document.context, document.loader
    if loader is None:
        return map_policy(value, context, document_path=document.path)
    has_map = loader.import_map and bool(context.prefix)
    return map_policy(
        value,
        context,
        loader=True,
        nonce=loader.nonce,
        loader_hash=None if loader.integrity is None else f"'{loader.integrity}'",
        import_map_hash=import_map_hash(context.prefix) if has_map else None,
        document_path=document.path,
    )


def _map_policy(value: str, context: RewriteContext, own: _Own | None, document_path: str | None) -> str:
    policies = [Policy(part) for part in value.split(",")]
    for policy in policies:
        _move(policy, context, document_path)
        if own is not None:
            _admit_scripts(policy, context.site, own)
            _admit_trusted_types(policy)
            admit_sockets(policy, context)
            admit_store(policy, context)
    return ",".join(policy.text for policy in policies)


_remembered = lru_cache(maxsize=512)(_map_policy)


def _move(policy: Policy, context: RewriteContext, document_path: str | None) -> None:
    """Origins and report addresses are the public ones (RH14, RH15)."""
    for name, directive in policy.directives.items():
        if name in _SOURCE_LISTS:
            directive.replace(map_sources(directive.values, context))
        elif name == "report-uri":
            directive.replace([map_url(value, context, document_path=document_path) for value in directive.values])
    if not context.site.secure:
        # Where there is no https, every request of the page would fail; local apps are exempt from the upgrade.
        policy.remove("upgrade-insecure-requests")


def _admit_scripts(policy: Policy, site: Site, own: _Own) -> None:
    """Allow our scripts, as narrowly as the policy's own way of allowing permits (RH12, RH13)."""
    scripts = policy.first_of(_OF_SCRIPTS)
    if scripts is None:
        return
    sources = scripts.values
    has_nonce = own.nonce in _nonces(sources)
    added: list[str] = []
    if _is_strict(sources):
        if not has_nonce and own.loader_hash is not None and own.loader_hash not in sources:
            added.append(own.loader_hash)
    elif not has_nonce or _has_inline_workers(policy):  # what a worker imports carries no nonce
        place = public_place(site, f"{site.prefix}{_OWN_FILES}runtime.js")
        if not allow(sources, place, site.public_scheme):
            added.append(site.public_base + _OWN_FILES)
    if not (has_nonce or own.import_map_hash is None or own.import_map_hash in sources or _allows_inline(sources)):
        added.append(own.import_map_hash)
    if not added:
        return
    if scripts.name == "default-src":
        # Only for script elements: the app's images need nothing of ours, and a hash would switch off the
        # 'unsafe-inline' of its styles.
        policy.add("script-src-elem", [*(() if scripts.is_none else sources), *added])
    else:
        scripts.append(added)


def _admit_trusted_types(policy: Policy) -> None:
    """RH15: where only listed policies may be created, list the runtime's; where none may, it has nothing to map."""
    names = policy.directives.get("trusted-types")
    if (
        names is not None
        and not names.is_none
        and _TRUSTED_TYPES_POLICY not in names.values
        and "*" not in names.values
    ):
        names.append([_TRUSTED_TYPES_POLICY])


def _split(values: Sequence[str]) -> list[Policy]:
    return [Policy(part) for value in values for part in value.split(",")]


def _script_sources(policy: Policy) -> list[str]:
    scripts = policy.first_of(_OF_SCRIPTS)
    return [] if scripts is None else scripts.values


def _nonces(sources: Sequence[str]) -> list[str]:
    return [match[1] for match in map(_NONCE.fullmatch, sources) if match]


def _is_strict(sources: Sequence[str]) -> bool:
    """Whether hosts are ignored, and what a trusted script loads may run."""
    return _has(sources, "'strict-dynamic'")


def _has(sources: Sequence[str], keyword: str) -> bool:
    return any(source.lower() == keyword for source in sources)


def _allows_inline(sources: Sequence[str]) -> bool:
    """Whether `'unsafe-inline'` is in force (section 6.7.3.2): nonces, hashes and `'strict-dynamic'` switch it off."""
    if _is_strict(sources) or any(map(_HASH.fullmatch, sources)) or _nonces(sources):
        return False
    return _has(sources, "'unsafe-inline'")


def _has_inline_workers(policy: Policy) -> bool:
    """Whether workers may be made of texts; these are subject to the page's policy."""
    workers = policy.first_of(_OF_WORKERS)
    return workers is None or _has(workers.values, "blob:") or _has(workers.values, "data:")
