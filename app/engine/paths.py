"""Where Hatchway keeps its files; every directory is private to the user (mode 0700)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.domain.problems import fail
from app.domain.tunnel import check_name

_APPLICATION = "hatchway"
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """config: what the user may edit; data: what must survive; state: what may be lost"""

    config: Path
    data: Path
    state: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def history_file(self) -> Path:
        return self.data / "history.db"

    @property
    def masks_file(self) -> Path:
        """What the user has said of comparing answers."""
        return self.data / "masks.json"

    @property
    def deployments(self) -> Path:
        """A folder for each AWS backend that was deployed from here, with its Terraform state."""
        return self.data / "deployments"

    @property
    def installation_key_file(self) -> Path:
        return self.data / "installation.key"

    @property
    def relay_file(self) -> Path:
        """URL, port and token of the embedded relay that runs now."""
        return self.state / "relay.json"

    @property
    def log_file(self) -> Path:
        return self.state / "hatchway.log"

    def lock_file(self, tunnel_name: str) -> Path:
        """Held by the process that serves the tunnel. Raises HatchwayError `bad_name`: names become file names."""
        return self.state / f"tunnel-{check_name(tunnel_name)}.lock"


def user_paths() -> Paths:
    """The directories of this user, created if needed: below $HATCHWAY_HOME if set, else where the system wants them.

    Raises HatchwayError `home_unusable` if a directory cannot be created.
    """
    if home := os.environ.get("HATCHWAY_HOME"):
        root = Path(home).expanduser().absolute()
        _create(root)
        paths = Paths(root / "config", root / "data", root / "state")
    else:
        paths = Paths(
            platformdirs.user_config_path(_APPLICATION, appauthor=False),
            platformdirs.user_data_path(_APPLICATION, appauthor=False),
            platformdirs.user_state_path(_APPLICATION, appauthor=False),
        )
    for directory in (paths.config, paths.data, paths.state):
        _create(directory)
    return paths


def _create(directory: Path) -> None:
    # An existing directory keeps its mode: the user may have chosen it.
    try:
        directory.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise fail(
            "home_unusable",
            f"The directory {directory} cannot be created ({error.strerror})",
            "you",
            "Check its permissions, or set HATCHWAY_HOME to a directory of yours.",
        ) from error
