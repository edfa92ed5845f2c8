"""Web app manifests: the URLs in them move below the prefix, every other byte is copied (D3)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeAlias

from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.string_literals import map_literal
from backend_lambda.rewrite.urlmap import absolutise, map_url

# What a member holds: a kind of URL, a list of like items, or an object by the names of its members, where `*` is any.
_Shape: TypeAlias = "str | list[_Shape] | dict[str, _Shape] | None"

_URL = "url"
_ID = "id"
_IMAGES: _Shape = [{"src": _URL}]
_SHORTCUTS: _Shape = [{"url": _URL, "icons": _IMAGES}]
# Web Application Manifest, Manifest Incubations, Application Information, Web Share Target, Payment Handler.
_MANIFEST: _Shape = {
    "id": _ID,
    "start_url": _URL,
    "scope": _URL,
    "icons": _IMAGES,
    "icons_localized": {"*": _IMAGES},
    "screenshots": _IMAGES,
    "shortcuts": _SHORTCUTS,
    "shortcuts_localized": {"*": _SHORTCUTS},
    "share_target": {"action": _URL},
    "protocol_handlers": [{"url": _URL}],
    "file_handlers": [{"action": _URL, "icons": _IMAGES}],
    "related_applications": [{"url": _URL}],
    "note_taking": {"new_note_url": _URL},
    "lock_screen": {"start_url": _URL},
    "tab_strip": {
        "home_tab": {"icons": _IMAGES, "scope_patterns": [{"pathname": _URL}]},
        "new_tab_button": {"url": _URL, "icons": _IMAGES},
    },
    "serviceworker": {"src": _URL, "scope": _URL},
    "widgets": [{"data": _URL, "ms_ac_template": _URL, "icons": _IMAGES, "screenshots": _IMAGES}],
}
_BYTE_ORDER_MARK = re.compile(r"(?:\xef\xbb\xbf|\ufeff)?+")
_TOKEN = re.compile(r"\"((?:[^\"\\]++|\\.)*+)\"|[{}\[\],:]")


def rewrite_manifest(text: str, document: Document) -> str | None:
    """The manifest as the visitor's browser must see it, None if nothing changes.

    What is absent stays absent: by default an app starts at, and extends to, where its manifest and page are.
    """
    mark = _BYTE_ORDER_MARK.match(text)
    assert mark is not None
    try:
        # This checks the syntax; what it returns could not be written back byte for byte.
        value = json.loads(text[mark.end() :], parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        document.report.note("manifest")
        return None
    out: list[str] = []
    copied = 0
    map_by_kind: dict[str, Callable[[str], str]] = {_URL: document.map, _ID: lambda url: _map_id(url, document)}
    for kind, start, end in _urls(text, mark.end()):
        raw = text[start:end]
        mapped = map_literal(raw, map_by_kind[kind])
        if mapped != raw:
            out += (text[copied:start], mapped)
            copied = end
            document.report.count("manifest")
    if not out:
        return None
    out.append(text[copied:])
    return "".join(out)


def _map_id(url: str, document: Document) -> str:
    """An id is resolved against the origin, not against the manifest, and apps that have been installed are told apart
    by it: a relative one is put below the prefix as well."""
    context = document.context
    mapped = map_url(url, context, document_path="/")
    return absolutise(url, context, "/") if mapped == url and context.prefix else mapped


def _urls(text: str, at: int) -> list[tuple[str, int, int]]:
    """(kind, start, end) of the inside of each string in this valid JSON that is a URL."""
    found: list[tuple[str, int, int]] = []
    containers: list[_Shape] = []
    shape: _Shape = _MANIFEST  # of the value that comes next
    is_key = False
    for match in _TOKEN.finditer(text, at):
        character = match[0][0]
        container = containers[-1] if containers else None
        if character == '"':
            if is_key and isinstance(container, dict):
                name = json.loads(match[0]) if "\\" in match[1] else match[1]
                shape = container.get(name, container.get("*"))
            elif not is_key and isinstance(shape, str):
                found.append((shape, *match.span(1)))
        elif character == "{":
            containers.append(shape if isinstance(shape, dict) else None)
            shape, is_key = None, True
        elif character == "[":
            containers.append(shape if isinstance(shape, list) else None)
            shape = shape[0] if isinstance(shape, list) else None
        elif character == ",":
            shape = container[0] if isinstance(container, list) else None
            is_key = isinstance(container, dict)
        elif character == ":":
            is_key = False
        else:
            containers.pop()
            is_key = False
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)
