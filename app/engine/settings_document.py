"""The settings as a TOML document: read strictly, key by key, and made again with what this version does not know."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from app.domain.backend import BackendKind, BackendProfile
from app.domain.problems import HatchwayError
from app.domain.relay_address import agent_url_of
from app.domain.settings import SavedFilter, Settings, Theme
from app.domain.tunnel import Forwarded, HostHeader, TunnelSpec, check_name
from app.domain.upstream import parse_upstream
from backend_lambda.protocol.messages import Mode

VERSION = 1

Document = dict[str, Any]
T = TypeVar("T")
_Text = Annotated[str, Meta(min_length=1)]
_Seconds = Annotated[float, Meta(gt=0, le=86400)]

_KEYS: dict[str, Any] = {
    "version": Annotated[int, Meta(ge=1)],
    "theme": Theme,
    "relay_port": Annotated[int, Meta(ge=1, le=65535)],
    "history_days": Annotated[int, Meta(ge=1, le=36500)],
    "history_megabytes": Annotated[int, Meta(ge=1, le=1024 * 1024)],
    "default_backend": _Text,
}
_TUNNEL_KEYS: dict[str, Any] = {
    "id": _Text,
    "name": _Text,
    "upstream": _Text | int,
    "host_header": HostHeader,
    "forwarded": Forwarded,
    "mode": Mode,
    "rewrite_oauth": bool,
    "verify_tls": bool,
    "enabled": bool,
    "connect_timeout": _Seconds,
    "response_timeout": _Seconds,
    "capture_bytes": Annotated[int, Meta(ge=0, le=1024**3)],
    "backend": _Text,
}
_FILTER_KEYS: dict[str, Any] = {"name": _Text, "text": _Text}
_BACKEND_KEYS: dict[str, Any] = {
    "id": _Text,
    "name": _Text,
    "kind": BackendKind,
    "agent_url": _Text,
    "public_url": str,
    "deployment": str,
    "region": str,
    "account": str,
    "credentials": str,
}
_BACKEND_MUST = ("id", "name", "kind", "agent_url")
_LISTS = ("tunnels", "filters", "backends")


def parse(content: bytes) -> Document | None:
    """None if it is no TOML in UTF-8."""
    try:
        return tomllib.loads(content.decode())
    except ValueError:  # TOMLDecodeError or UnicodeDecodeError
        return None


def interpret(document: Document | None) -> tuple[Settings, list[str]]:
    """The settings, and one finding for each key whose value cannot be used."""
    if document is None:
        return Settings(), ["The file is not valid TOML, defaults are used"]
    values, findings = _read(document, _KEYS, "")
    if (version := values.pop("version", VERSION)) > VERSION:
        findings.insert(0, f"version: a newer Hatchway wrote the file ({version}, this one knows {VERSION})")
    tunnels = _entries(document, "tunnels", _tunnel, findings)
    filters = _entries(document, "filters", _filter, findings)
    backends = _entries(document, "backends", _backend, findings)
    return Settings(**values, tunnels=tuple(tunnels), filters=tuple(filters), backends=tuple(backends)), findings


def _entries(document: Document, key: str, make: Callable[[Document, str], T], findings: list[str]) -> list[T]:
    """Those of a list that can be used; one that cannot, or that is like an earlier one, is a finding."""
    what = key.removesuffix("s")
    entries = document.get(key, [])
    if not isinstance(entries, list):
        findings.append(f"{key}: must be a list of tables, [[{key}]]")
        return []
    made: list[T] = []
    for number, entry in enumerate(entries, 1):
        where = f"{key}[{number}]"
        try:
            if not isinstance(entry, dict):
                raise ValueError(f"{where}: must be a table")
            one = make(entry, where)
            for same in ("name", "id"):
                value = getattr(one, same, None)
                if value is not None and any(value == getattr(other, same) for other in made):
                    raise ValueError(f"{where}.{same}: “{value}” is used by an earlier {what}")
        except ValueError as error:
            findings.append(f"{error} (this {what} is left out)")
        else:
            made.append(one)
    return made


def _complete(entry: Document, keys: dict[str, Any], required: Iterable[str], where: str) -> Document:
    """Its values. Raises ValueError if one cannot be used, or one that is required is missing."""
    values, findings = _read(entry, keys, f"{where}.")
    findings += [f"{where}.{key}: is missing" for key in required if key not in entry]
    if findings:
        raise ValueError("; ".join(findings))
    return values


def _filter(entry: Document, where: str) -> SavedFilter:
    # The text is not parsed: one that this version does not understand is explained where it is used.
    return SavedFilter(**_complete(entry, _FILTER_KEYS, _FILTER_KEYS, where))


def _backend(entry: Document, where: str) -> BackendProfile:
    return BackendProfile(**_complete(entry, _BACKEND_KEYS, _BACKEND_MUST, where))


def _tunnel(entry: Document, where: str) -> TunnelSpec:
    values = _complete(entry, _TUNNEL_KEYS, ("name", "upstream"), where)
    values.setdefault("id", _tunnel_id(entry))
    return TunnelSpec(**values)


def _tunnel_id(entry: Document) -> str:
    # A tunnel written by hand needs no id; the one made up for it must be the same at every reading.
    given = entry.get("id")
    if isinstance(given, str) and given:
        return given
    return hashlib.sha256(str(entry.get("name")).strip().lower().encode()).hexdigest()[:12]


def _read(table: Document, keys: dict[str, Any], prefix: str) -> tuple[Document, list[str]]:
    values: Document = {}
    findings: list[str] = []
    for key in keys.keys() & table.keys():
        try:
            value = msgspec.convert(table[key], keys[key])
            match key:
                case "name" if keys is _TUNNEL_KEYS:
                    value = check_name(value)
                case "upstream":
                    value = parse_upstream(str(value))
                case "agent_url":
                    agent_url_of(value)  # a token must not go over the network in plain text
            values[key] = value
        except HatchwayError as error:
            findings.append(f"{prefix}{key}: {error.problem.title}")
        except msgspec.ValidationError as error:
            findings.append(f"{prefix}{key}: {error}")
    return values, sorted(findings)


def document_of(settings: Settings, before: Document) -> Document:
    """before: what is in the file now; keys unknown to this version are taken over from it"""
    document: Document = {"version": VERSION}
    document |= {key: getattr(settings, key) for key in _KEYS if key != "version"}
    document |= {key: value for key, value in before.items() if key not in _KEYS and key not in _LISTS}
    entries = before.get("tunnels")
    known = {_tunnel_id(old): old for old in entries if isinstance(old, dict)} if isinstance(entries, list) else {}
    document["tunnels"] = [_entry(spec, known.get(spec.id, {})) for spec in settings.tunnels]
    if settings.filters or "filters" in before:
        document["filters"] = [{"name": each.name, "text": each.text} for each in settings.filters]
    if settings.backends or "backends" in before:
        earlier = _by_id(before.get("backends"))
        document["backends"] = [_backend_entry(each, earlier.get(each.id, {})) for each in settings.backends]
    return document


def _by_id(entries: object) -> dict[str, Document]:
    if not isinstance(entries, list):
        return {}
    return {str(entry.get("id")): entry for entry in entries if isinstance(entry, dict)}


def _backend_entry(profile: BackendProfile, before: Document) -> Document:
    entry = {key: getattr(profile, key) for key in _BACKEND_KEYS}
    return {key: value for key, value in entry.items() if value or key in _BACKEND_MUST} | {
        key: value for key, value in before.items() if key not in _BACKEND_KEYS
    }


def _entry(spec: TunnelSpec, before: Document) -> Document:
    entry = {key: getattr(spec, key) for key in _TUNNEL_KEYS} | {"upstream": str(spec.upstream)}
    return entry | {key: value for key, value in before.items() if key not in _TUNNEL_KEYS}
