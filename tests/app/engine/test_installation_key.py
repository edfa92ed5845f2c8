from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine.installation_key import installation_key


def test_the_installation_key_is_created_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "installation.key"
    key = installation_key(path)
    assert len(bytes.fromhex(key)) == 32
    assert installation_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["installation.key"]
    assert installation_key(tmp_path / "other.key") != key


@pytest.mark.parametrize("torn", [b"", b"12ab", b"\xff" * 64])
def test_a_torn_installation_key_is_made_anew(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "installation.key"
    path.write_bytes(torn)
    key = installation_key(path)
    assert len(key) == 64
    assert installation_key(path) == key


def test_processes_that_start_together_agree_on_the_installation_key(tmp_path: Path) -> None:
    path = tmp_path / "installation.key"
    script = (
        "import sys, pathlib; from app.engine.installation_key import installation_key;"
        "sys.stdin.readline(); print(installation_key(pathlib.Path(sys.argv[1])))"
    )
    root = Path(__file__).resolve().parents[3]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=20)[0] for process in processes}
    assert keys == {installation_key(path) + "\n"}
