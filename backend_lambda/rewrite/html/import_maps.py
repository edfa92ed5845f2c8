"""Import maps of the app (H10): where they lead moves below the prefix, and our own entries join the first one.

Scripts are not changed, so they go on to ask for `/x` and, from modules below the prefix, for `P/x`. An entry for
`/x` therefore has to answer to both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.html.inject import own_imports
from backend_lambda.rewrite.html.json_text import edit_json
from backend_lambda.rewrite.urlmap import app_path_of

_PARTS = ("imports", "scopes", "integrity")


def map_import_map(
    text: str, context: RewriteContext, map_one: Callable[[str], str], base: str | None, *, merge: bool
) -> str | None:
    """The text for the visitor; None if it is no import map as browsers take it.

    base: path of the page's base URL in the app's view, None if that lies elsewhere
    merge: this is the first map, our own entries join it
    """

    def edit(value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(value.get(part, {}), dict) for part in _PARTS):
            raise ValueError("not an import map")
        imports = value.get("imports", {})
        if imports:
            value["imports"] = imports = _specifiers(imports, context, map_one, base)
        if merge:
            value["imports"] = {**imports, **{k: v for k, v in own_imports(context.prefix).items() if k not in imports}}
        if "scopes" in value:
            value["scopes"] = _scopes(value["scopes"], context, map_one, base)
        if "integrity" in value:
            value["integrity"] = _integrity(value["integrity"], map_one)
        return value

    return edit_json(text, edit)


def _specifiers(
    entries: dict[str, Any], context: RewriteContext, map_one: Callable[[str], str], base: str | None
) -> dict[str, Any]:
    """Module specifiers → addresses; a key that is a URL gets a twin for each way it may be asked for."""
    out = {key: map_one(value) if _is_url(value) else value for key, value in entries.items()}
    for key in entries:
        for twin in _twins(key, context, base):
            out.setdefault(twin, out[key])
    return out


def _scopes(
    scopes: dict[str, Any], context: RewriteContext, map_one: Callable[[str], str], base: str | None
) -> dict[str, Any]:
    """Addresses of the importing modules → their entries."""
    out = {
        key: _specifiers(entries, context, map_one, base) if isinstance(entries, dict) else entries
        for key, entries in scopes.items()
    }
    for key in scopes:
        # A scope is a URL in any case. The page itself, with its inline modules, may be shown without the prefix.
        for twin in _twins(key if _is_url(key) or not key else f"./{key}", context, base):
            out.setdefault(twin, out[key])
    return out


def _integrity(entries: dict[str, Any], map_one: Callable[[str], str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in entries.items():
        out.setdefault(map_one(key) if _is_url(key) else key, value)
    return out


def _is_url(value: object) -> bool:
    """Whether an import map takes it for a URL, not for a bare name; schemes of no interest left out."""
    return isinstance(value, str) and (
        value.startswith(("/", "./", "../")) or value[:8].lower().startswith(("http:", "https:"))
    )


def _twins(key: str, context: RewriteContext, base: str | None) -> tuple[str, ...]:
    if not _is_url(key) or (base is None and key.startswith(".")):
        return ()
    path = app_path_of(key, context, document_path=base or "/")
    if path is None:
        return ()
    cut = min((at for at in (key.find("?"), key.find("#")) if at >= 0), default=len(key))
    return path + key[cut:], context.prefix + path + key[cut:]
