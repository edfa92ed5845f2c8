from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.domain.problems import HatchwayError
from app.engine.paths import Paths, user_paths


def test_hatchway_home_holds_everything(hatchway_home: Path) -> None:
    paths = user_paths()
    assert paths == Paths(hatchway_home / "config", hatchway_home / "data", hatchway_home / "state")
    assert paths.settings_file == hatchway_home / "config" / "settings.toml"
    assert paths.history_file == hatchway_home / "data" / "history.db"
    assert paths.installation_key_file == hatchway_home / "data" / "installation.key"
    assert paths.relay_file == hatchway_home / "state" / "relay.json"
    assert paths.log_file == hatchway_home / "state" / "hatchway.log"


def test_every_directory_is_private(hatchway_home: Path) -> None:
    paths = user_paths()
    for directory in (hatchway_home, paths.config, paths.data, paths.state):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, directory


def test_existing_directories_keep_their_mode(hatchway_home: Path) -> None:
    (hatchway_home / "config").mkdir(parents=True)
    (hatchway_home / "config").chmod(0o750)
    assert stat.S_IMODE(user_paths().config.stat().st_mode) == 0o750


def test_without_hatchway_home_the_system_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HATCHWAY_HOME")
    for name, value in {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "d", "XDG_STATE_HOME": "s", "HOME": "h"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    paths = user_paths()
    for directory in (paths.config, paths.data, paths.state):
        assert directory.is_dir()
        assert directory.is_relative_to(tmp_path)
        assert "hatchway" in directory.parts[-2:]


def test_the_lock_file_of_a_tunnel_cannot_leave_its_directory() -> None:
    paths = Paths(Path("c"), Path("d"), Path("s"))
    assert paths.lock_file("shop") == Path("s/tunnel-shop.lock")
    with pytest.raises(HatchwayError):
        paths.lock_file("../shop")
