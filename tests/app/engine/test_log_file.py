from __future__ import annotations

import logging
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.engine import log_file as module
from app.engine.log_file import log_to

_log = logging.getLogger("app.sample")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hatchway.log"


def test_an_entry_has_time_level_process_logger_and_text(file: Path) -> None:
    with log_to(file):
        _log.info("tunnel name=%s", "shop")
        _log.debug("too much")
        logging.getLogger("stranger").info("GET https://service/?secret")
    assert "tunnel name=shop" in file.read_text()
    day, clock, level, process, name, *words = file.read_text().split()
    assert (len(day), len(clock)) == (len("2026-01-01"), len("12:00:00.000"))
    assert (level, name, words) == ("INFO", "app.sample:", ["tunnel", "name=shop"])
    assert process.isdecimal()


@pytest.mark.expect_log("failed")
def test_errors_come_with_their_traceback(file: Path) -> None:
    with log_to(file):
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            _log.exception("failed")
    first, *more = file.read_text().splitlines()
    assert first.endswith("app.sample: failed")
    assert more[0] == "    Traceback (most recent call last):"
    assert more[-1] == "    ZeroDivisionError: division by zero"


def test_what_strangers_say_looks_like_no_entry_of_ours_and_steers_no_terminal(file: Path) -> None:
    with log_to(file):
        _log.info("child says: %s", "x\n2026-01-01 ERROR\x1b[2J\x9b\u202e")
    assert file.read_text().splitlines()[1:] == ["    2026-01-01 ERROR\\x1b[2J\\x9b\\u202e"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_files_are_private(file: Path) -> None:
    with log_to(file):
        _log.info("x")
    assert [stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()] == [0o600] * 2


def test_levels_and_handlers_are_as_before(file: Path) -> None:
    root, ours = logging.getLogger(), logging.getLogger("app")
    before = list(root.handlers), ours.level
    with log_to(file):
        assert root.handlers != before[0]
    assert (root.handlers, ours.level) == before


def test_the_files_stay_small(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    with log_to(file):
        for number in range(100):
            _log.info("entry %d %s", number, "x" * 50)
    parts = [file.with_name("hatchway.log.2"), file.with_name("hatchway.log.1"), file]
    assert sorted(file.parent.glob("hatchway.log*")) == sorted([*parts, Path(f"{file}.lock")])
    assert all(part.stat().st_size <= 1000 for part in parts)
    kept = [int(line.split()[6]) for part in parts for line in part.read_text().splitlines()]
    assert kept == list(range(kept[0], 100))


WRITER = """
import logging, sys
from pathlib import Path
from app.engine import log_file
log_file.LARGEST, log_file.KEPT = 20_000, 99
with log_file.log_to(Path(sys.argv[1])):
    input()
    for number in range(1000):
        logging.getLogger("app").info("writer %s entry %d", sys.argv[2], number)
    # The thread is given the time it needs: closing waits for a moment only.
    log_file._CLOSE_SECONDS = 30
"""


def test_several_processes_write_and_rotate_and_nothing_is_lost(file: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name], cwd=ROOT, stdin=subprocess.PIPE)
        for name in "abc"
    ]
    for writer in writers:  # all at once
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.close()
    assert [writer.wait(30) for writer in writers] == [0, 0, 0]
    parts = [part for part in file.parent.glob("hatchway.log*") if part.suffix != ".lock"]
    assert len(parts) > 5
    # Nobody goes on with a file that another has put away, or rotates one that is not full.
    assert all(19_900 < part.stat().st_size <= 20_000 for part in parts if part != file)
    lines = [line for part in parts for line in part.read_text().splitlines()]
    said = sorted((line.split()[6], int(line.split()[8])) for line in lines)
    assert said == sorted((name, number) for name in "abc" for number in range(1000))


def test_a_file_that_cannot_be_written_harms_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with log_to(tmp_path / "no such folder" / "hatchway.log"):
        _log.info("x")
    assert capfd.readouterr() == ("", "")


def test_a_disk_that_stands_still_holds_nobody_up(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 5)
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.01)
    moves = threading.Event()
    monkeypatch.setattr(module._SharedFile, "_reopen_if_rotated", lambda _: moves.wait(30))
    with log_to(file):
        for number in range(20):
            _log.info("entry %d", number)
    assert not file.exists()
    moves.set()
    assert capfd.readouterr() == ("", "")
