"""The settings as a TOML file a person may edit: read strictly, written atomically, never destroyed.

Secrets do not belong here; they live in the OS keyring.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import tomli_w

from app.domain.problems import Problem, fail
from app.domain.settings import Settings
from app.engine.atomic_file import temporary_file
from app.engine.settings_document import Document, document_of, interpret, parse


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
    settings, findings = interpret(parse(content))
    if not findings:
        return settings, None
    try:
        kept = f"The file as it was is kept as {_keep_aside(path, content)}."
    except OSError as error:
        kept = f"No copy of {path} could be kept: {error.strerror}."
    return settings, Problem(
        "settings_invalid", "Some settings cannot be used", "you", f"{'; '.join(findings)}. {kept}"
    )


def peek(path: Path) -> Settings:
    """What can be read of it, without a word about the rest. Never raises."""
    return whole(path) or Settings()


def whole(path: Path) -> Settings | None:
    """The same; None if the file is not there, or torn."""
    try:
        document = parse(path.read_bytes())
    except OSError:
        return None
    return None if document is None else interpret(document)[0]


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
            before = parse(content)
            if interpret(before)[1]:
                _keep_aside(path, content)
        with temporary_file(path, tomli_w.dumps(document_of(settings, before or {})).encode()) as temporary:
            os.replace(temporary, path)
    except OSError as error:
        hint = f"{path}: {error.strerror}."
        raise fail("settings_not_saved", "The settings cannot be saved", "you", hint) from error


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
    with temporary_file(aside, content) as temporary:
        os.replace(temporary, aside)
    return aside
