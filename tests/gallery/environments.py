"""An environment for each app of the gallery, below the user's cache, made once for a list of packages."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import platformdirs

from tests.apps.node import node, npm, npm_script
from tests.gallery.entry import Entry

ROOT = Path(__file__).resolve().parents[2]


def environment(entry: Entry) -> Path:
    """The folder with the packages of that app: `venv` and `node_modules`."""
    wanted = json.dumps([list(entry.python), dict(entry.npm), sys.version], sort_keys=True)
    key = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    folder = platformdirs.user_cache_path("hatchway-tests") / "gallery" / f"{entry.name}-{key}"
    if (folder / "complete").exists():
        return folder
    print(f"{entry.name}: installing into {folder}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    if entry.python:
        uv = ROOT / ".uv" / "bin" / "uv"
        _run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder / "venv"])
        _run([uv, "pip", "install", "-q", "--python", folder / "venv" / "bin" / "python", *entry.python])
    if entry.npm:
        command = folder / "bin" / "npm"  # some tools want to find one
        command.parent.mkdir(exist_ok=True)
        command.write_text(f'#!/bin/sh\nexec "{node()}" "{npm_script()}" "$@"\n')
        command.chmod(0o755)
        manifest = {"name": entry.name, "private": True, "dependencies": dict(entry.npm)}
        (folder / "package.json").write_text(json.dumps(manifest, indent=2))
        npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"], folder, seconds=900)
    (folder / "complete").touch()
    return folder


def _run(command: list[str | Path]) -> None:
    subprocess.run(command, check=True, timeout=900, stdin=subprocess.DEVNULL)
