"""A Chromium, Chrome or Edge of this computer that can be driven. None is ever downloaded."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.domain.problems import HatchwayError, fail

VARIABLE = "HATCHWAY_CHROMIUM"
"""Names the browser; then no other is looked for. `scripts/find-chromium` knows it, too."""

_SECONDS = 10.0  # until it has told its version
_COMMANDS = (
    "chromium",
    "google-chrome-stable",
    "google-chrome",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
)
_MAC_APPS = ("Google Chrome", "Chromium", "Microsoft Edge")
_WINDOWS_APPS = (r"Google\Chrome\Application\chrome.exe", r"Chromium\Application\chrome.exe",
                 r"Microsoft\Edge\Application\msedge.exe")  # fmt: skip
_HINTS = {
    "linux": "Install Google Chrome, or Chromium (on Debian: apt-get install chromium; not the snap of Ubuntu)",
    "darwin": "Install Google Chrome",
    "win32": "Install Google Chrome or Microsoft Edge",
}

# The browser must ask for nothing of its own accord, and look the same everywhere.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium(
    environment: Mapping[str, str] = os.environ, system: str = sys.platform, home: Path | None = None
) -> str:
    """The path of one that starts. Blocks for as long as that takes, a tenth of a second as a rule.

    Raises HatchwayError `no_browser`, which says how to get one.
    """
    home = Path.home() if home is None else home
    named = environment.get(VARIABLE)
    for candidate in [named] if named else _candidates(environment, system, home):
        path = shutil.which(candidate, path=environment.get("PATH"))
        if path is not None and not _is_snap(path) and _starts(path, system):
            return path
    if named:
        raise fail("no_browser", f"“{named}” ({VARIABLE}) is no browser that starts", "you", "Name another one.")
    raise no_browser(system)


def no_browser(system: str = sys.platform) -> HatchwayError:
    """The error that says how to get one."""
    hint = _HINTS.get(system, _HINTS["linux"])
    return fail(
        "no_browser",
        "No Chromium, Chrome or Edge was found that can be driven",
        "you",
        f"{hint}, or name one with {VARIABLE}=/path/to/chrome.",
    )


def _candidates(environment: Mapping[str, str], system: str, home: Path) -> Iterator[str]:
    """Commands and paths, the likeliest first; downloads of Playwright's come last."""
    if system == "win32":
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if root := environment.get(folder):
                yield from (rf"{root}\{app}" for app in _WINDOWS_APPS)
        yield from _downloads(Path(environment.get("LOCALAPPDATA", home)) / "ms-playwright", "chrome-win*/chrome.exe")
    elif system == "darwin":
        for root in ("/Applications", f"{home}/Applications"):
            yield from (f"{root}/{app}.app/Contents/MacOS/{app}" for app in _MAC_APPS)
        yield from _downloads(home / "Library" / "Caches" / "ms-playwright", "chrome-mac*/*.app/Contents/MacOS/*")
    else:
        yield from _COMMANDS
        yield from _downloads(home / ".cache" / "ms-playwright", "chrome-linux*/chrome")


def _downloads(folder: Path, program: str) -> Iterator[str]:
    yield from sorted(glob.glob(f"{glob.escape(str(folder))}/chromium-*/{program}"), reverse=True)


def _is_snap(path: str) -> bool:
    """A snap cannot read the profile that is made for it below /tmp."""
    return os.path.basename(os.path.realpath(path)) == "snap"


def _starts(path: str, system: str) -> bool:
    """Ubuntu's chromium-browser, for one, only asks for the snap."""
    if system == "win32":
        return True  # there `--version` opens a window
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
