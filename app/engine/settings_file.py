"""The settings as a TOML file a person may edit: read strictly, written atomically, never destroyed.

Secrets do not belong here; they live in the OS keyring. The installation key beside it only tells owners apart.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import tomli_w
from msgspec import Meta

from app.domain.problems import HatchwayError, Problem, fail
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
}
_FILTER_KEYS: dict[str, Any] = {"name": _Text, "text": _Text}
_LISTS = ("tunnels", "filters")
_KEY = re.compile(r"[0-9a-f]{64}")


def load(path: Path) -> tuple[Settings, Problem | None]:
    """The settings, and what had to be left out or could not be read at all. Never raises.

    A wrong value gives way to its default and a wrong tunnel is left out; a file that is no TOML gives the defaults.
    In these cases, and for a file of a newer version, a copy is kept as `<name>.corrupt-<UTC time>`.
    """
    path = path.resolve()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings(), None
    except OSError as error:
        hint = f"{path}: {error.strerror}. Defaults are used."
        return Settings(), Problem("settings_unreadable", "The settings cannot be read", "you", hint)
    settings, findings = _interpret(_parse(content))
    if not findings:
        return settings, None
    try:
        kept = f"The file as it was is kept as {_keep_aside(path, content)}."
    except OSError as error:
        kept = f"No copy of {path} could be kept: {error.strerror}."
    return settings, Problem(
        "settings_invalid", "Some settings cannot be used", "you", f"{'; '.join(findings)}. {kept}"
    )


def save(path: Path, settings: Settings) -> None:
    """Replace the file in one step, so that no reader sees half of it; keys unknown to this version stay.

    What is there and cannot be carried over (corrupt, invalid, newer) is copied aside first.
    Raises HatchwayError `settings_not_saved`.
    """
    path = path.resolve()  # a symbolic link, as dotfile managers make them, stays one
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before: Document | None = {}
        with contextlib.suppress(FileNotFoundError):
            content = path.read_bytes()
            before = _parse(content)
            if _interpret(before)[1]:
                _keep_aside(path, content)
        with _temporary(path, tomli_w.dumps(_document(settings, before or {})).encode()) as temporary:
            os.replace(temporary, path)
    except OSError as error:
        hint = f"{path}: {error.strerror}."
        raise fail("settings_not_saved", "The settings cannot be saved", "you", hint) from error


def installation_key(path: Path) -> str:
    """32 random bytes in hex, created once (mode 0600) and then the same for whoever asks.

    Raises OSError if the file can be neither read nor created.
    """
    with contextlib.suppress(FileNotFoundError):
        if key := _read_key(path):
            return key
        path.unlink()  # empty or torn by a crash of the machine: a key cannot be repaired
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Unlike a rename, a link never replaces the key that another process has just created.
    with _temporary(path, f"{secrets.token_hex(32)}\n".encode()) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    key = _read_key(path)
    if key is None:
        raise OSError(f"{path} does not hold a key")
    return key


def _parse(content: bytes) -> Document | None:
    try:
        return tomllib.loads(content.decode())
    except ValueError:  # TOMLDecodeError or UnicodeDecodeError
        return None


def _interpret(document: Document | None) -> tuple[Settings, list[str]]:
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
    return Settings(**values, tunnels=tuple(tunnels), filters=tuple(filters)), findings


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
            values[key] = value
        except HatchwayError as error:
            findings.append(f"{prefix}{key}: {error.problem.title}")
        except msgspec.ValidationError as error:
            findings.append(f"{prefix}{key}: {error}")
    return values, sorted(findings)


def _document(settings: Settings, before: Document) -> Document:
    document: Document = {"version": VERSION}
    document |= {key: getattr(settings, key) for key in _KEYS if key != "version"}
    document |= {key: value for key, value in before.items() if key not in _KEYS and key not in _LISTS}
    entries = before.get("tunnels")
    known = {_tunnel_id(old): old for old in entries if isinstance(old, dict)} if isinstance(entries, list) else {}
    document["tunnels"] = [_entry(spec, known.get(spec.id, {})) for spec in settings.tunnels]
    if settings.filters or "filters" in before:
        document["filters"] = [{"name": each.name, "text": each.text} for each in settings.filters]
    return document


def _entry(spec: TunnelSpec, before: Document) -> Document:
    entry = {key: getattr(spec, key) for key in _TUNNEL_KEYS} | {"upstream": str(spec.upstream)}
    return entry | {key: value for key, value in before.items() if key not in _TUNNEL_KEYS}


def _keep_aside(path: Path, content: bytes) -> Path:
    """Copy the content beside the file; the same content is kept only once, however often it is read."""
    stem = f"{path.name}.corrupt-"
    for earlier in path.parent.glob(f"{stem}*"):
        if earlier.read_bytes() == content:
            return earlier
    aside = first = path.with_name(f"{stem}{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    number = 1
    while aside.exists():
        number += 1
        aside = first.with_name(f"{first.name}-{number}")
    with _temporary(aside, content) as temporary:
        os.replace(temporary, aside)
    return aside


def _read_key(path: Path) -> str | None:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return text if _KEY.fullmatch(text) else None


@contextlib.contextmanager
def _temporary(path: Path, content: bytes) -> Iterator[str]:
    """A file beside `path` with the content safely on disk, mode 0600; gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
