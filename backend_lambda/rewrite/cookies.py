"""Cookies of one tunnel among many on one origin: `Set-Cookie` on the way out, `Cookie` on the way in.

Names that a browser would refuse at the public address are renamed and restored:
`__Host-x` is `__Secure-hw.<tunnel>.Host-x` below a prefix (RH9). On a plain http public origin everything that
demands https goes (`Secure`, `SameSite=None`, `Partitioned`, the prefixes `__Secure-` and `__Http-`), otherwise a login
of an https app would be lost: Chromium stores none of these for an http LAN host. It does for loopback names, but
other browsers and HTTP libraries differ there, so loopback is treated no differently.
"""

from __future__ import annotations

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.urlmap import map_cookie_path

SERVICE_PREFIX = "hw_"  # cookies of the service itself, never seen or set by an app (RQ13)

_NAMESPACE = "hw."
_SECURE = "__Secure-"
_BLANK = " \t"
# An app's own cookie that looks like one of the service's would be lost on the way back, so it is renamed too.
_OWN_TAG = "Own-"
_TAGS = ("host-", "secure-", "http-", "own-")


def map_set_cookie(value: str, context: RewriteContext) -> str:
    """One `Set-Cookie` line for the visitor's browser (RH6-RH9); value, dates and unknown attributes are kept."""
    site = context.site
    first, *attributes = value.split(";")
    is_secure = False
    out = [_rename(first, context)]
    for attribute in attributes:
        key, _, text = attribute.partition("=")
        match key.strip(_BLANK).lower():
            case "path":
                path = text.strip(_BLANK)
                if path.startswith("/"):  # anything else means the default path, which is right already
                    mapped = map_cookie_path(path, site.prefix)
                    if mapped != path:
                        start = attribute.index(path, len(key) + 1)
                        attribute = attribute[:start] + mapped + attribute[start + len(path) :]
            case "domain":
                continue
            case "secure":
                if not site.secure:
                    continue
                is_secure = True
            case "samesite" if not site.secure and text.strip(_BLANK).lower() == "none":
                continue
            case "partitioned" if not site.secure:
                continue
        out.append(attribute)
    if site.secure and not is_secure:
        if len(out) > 1 and not out[-1].strip(_BLANK):
            out.pop()
        out.append(" Secure")
    return ";".join(out)


def map_cookie(value: str, context: RewriteContext) -> str | None:
    """A visitor's `Cookie` for the app: own cookies only, original names (RQ13); None if nothing is left."""
    if "hw" not in value:
        return value
    kept: list[tuple[str | None, str]] = []  # (literal name, part); no name for a restored cookie
    restored: set[str] = set()
    changed = False
    for part in value.split(";"):
        name, equals, rest = part.partition("=")
        bare = name.strip(_BLANK)
        original = restore_name(bare, context.tunnel)
        if original is None:
            changed = True
        elif not equals or original == bare:
            kept.append((bare, part))
        else:
            changed = True
            restored.add(original)
            kept.append((None, f"{name[: len(name) - len(name.lstrip(_BLANK))]}{original}={rest}"))
    if not changed:
        return value
    # A literal cookie that bears a restored name may have been planted by another page of the origin.
    return ";".join(part for name, part in kept if name not in restored).strip(_BLANK) or None


def public_name(name: str, context: RewriteContext) -> str:
    """The name under which the visitor's browser stores a cookie of the app."""
    secure = context.site.secure
    lower = name.lower()
    if name.removeprefix(_SECURE).startswith(f"{_NAMESPACE}{context.tunnel}."):
        return name
    below_path = bool(context.prefix) and lower.startswith("__host-")
    if below_path or (not secure and lower.startswith(("__host-", "__secure-", "__http-"))):
        tag = name[2:]
    elif _is_service_name(name):
        tag = _OWN_TAG + name
    else:
        return name
    return f"{_SECURE if secure else ''}{_NAMESPACE}{context.tunnel}.{tag}"


def restore_name(name: str, tunnel: str) -> str | None:
    """The app's name of a cookie the browser sent; None for one that is not this tunnel's."""
    bare = name.removeprefix(_SECURE)
    if bare.startswith(_NAMESPACE):
        label, _, tag = bare[len(_NAMESPACE) :].partition(".")
        if not tag.lower().startswith(_TAGS):
            return name
        if label != tunnel:
            return None
        return tag.removeprefix(_OWN_TAG) if tag.startswith(_OWN_TAG) else "__" + tag
    return None if _is_service_name(name) else name


def _is_service_name(name: str) -> bool:
    return name.removeprefix("__Host-").removeprefix(_SECURE).startswith(SERVICE_PREFIX)


def _rename(pair: str, context: RewriteContext) -> str:
    name, equals, rest = pair.partition("=")
    bare = name.strip(_BLANK)
    if not equals:
        return pair
    renamed = public_name(bare, context)
    return pair if renamed == bare else name.replace(bare, renamed, 1) + equals + rest
