"""The key that tells this installation's tunnels from others' at a relay."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from app.domain.problems import fail
from app.engine.atomic_file import temporary_file

_KEY = re.compile(r"[0-9a-f]{64}")


def usable_installation_key(path: Path) -> str:
    """`installation_key`. Raises HatchwayError `home_unusable`."""
    try:
        return installation_key(path)
    except OSError as error:
        raise fail(
            "home_unusable",
            f"The installation key cannot be read or created ({error.strerror or error})",
            "you",
            f"Check the permissions of {path}.",
        ) from error


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
    with temporary_file(path, f"{secrets.token_hex(32)}\n".encode()) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    key = _read_key(path)
    if key is None:
        raise OSError(f"{path} does not hold a key")
    return key


def _read_key(path: Path) -> str | None:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return text if _KEY.fullmatch(text) else None
