"""The settings as a TOML document: read strictly, key by key, and made again with what this version does not know."""

from __future__ import annotations

import hashlib
import tomllib
from typing import Annotated, Any

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
    tunnels: list[TunnelSpec] = []
    for number, entry in enumerate(_entries(document, "tunnels", findings), 1):
        try:
            tunnels.append(_tunnel(entry, tunnels, f"tunnels[{number}]"))
        except ValueError as error:
            findings.append(f"{error} (this tunnel is left out)")
    filters: list[SavedFilter] = []
    for number, entry in enumerate(_entries(document, "filters", findings), 1):
        try:
            filters.append(_filter(entry, filters, f"filters[{number}]"))
        except ValueError as error:
            findings.append(f"{error} (this filter is left out)")
    backends: list[BackendProfile] = []
    for number, entry in enumerate(_entries(document, "backends", findings), 1):
        try:
            backends.append(_backend(entry, backends, f"backends[{number}]"))
        except ValueError as error:
            findings.append(f"{error} (this backend is left out)")
    return Settings(**values, tunnels=tuple(tunnels), filters=tuple(filters), backends=tuple(backends)), findings


def _entries(document: Document, key: str, findings: list[str]) -> list[object]:
    entries = document.get(key, [])
    if isinstance(entries, list):
        return entries
    findings.append(f"{key}: must be a list of tables, [[{key}]]")
    return []


def _filter(entry: object, others: list[SavedFilter], where: str) -> SavedFilter:
    # The text is not parsed: one that this version does not understand is explained where it is used.
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: must be a table")
    values, findings = _read(entry, _FILTER_KEYS, f"{where}.")
    findings += [f"{where}.{key}: is missing" for key in _FILTER_KEYS if key not in entry]
    if findings:
        raise ValueError("; ".join(findings))
    if any(values["name"] == other.name for other in others):
        raise ValueError(f"{where}.name: “{values['name']}” is used by an earlier filter")
    return SavedFilter(**values)


def _backend(entry: object, others: list[BackendProfile], where: str) -> BackendProfile:
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: must be a table")
    values, findings = _read(entry, _BACKEND_KEYS, f"{where}.")
    findings += [f"{where}.{key}: is missing" for key in _BACKEND_MUST if key not in entry]
    if findings:
        raise ValueError("; ".join(findings))
    profile = BackendProfile(**values)
    for key in ("id", "name"):
        if any(getattr(profile, key) == getattr(other, key) for other in others):
            raise ValueError(f"{where}.{key}: “{getattr(profile, key)}” is used by an earlier backend")
    return profile


def _tunnel(entry: object, others: list[TunnelSpec], where: str) -> TunnelSpec:
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: must be a table")
    values, findings = _read(entry, _TUNNEL_KEYS, f"{where}.")
    findings += [f"{where}.{key}: is missing" for key in ("name", "upstream") if key not in entry]
    if findings:
        raise ValueError("; ".join(findings))
    values.setdefault("id", _tunnel_id(entry))
    spec = TunnelSpec(**values)
    for key in ("name", "id"):
        if any(getattr(spec, key) == getattr(other, key) for other in others):
            raise ValueError(f"{where}.{key}: “{getattr(spec, key)}” is used by an earlier tunnel")
    return spec


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
