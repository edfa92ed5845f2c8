"""scripts/lambda-package: the same sources give the same bytes, and nothing else gets in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_root = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the script reads, since the tests touch it."""
    copy = tmp_path / "tree"
    shutil.copytree(_root / "backend_lambda", copy / "backend_lambda")
    (copy / "scripts").mkdir()
    (copy / "app" / "backends").mkdir(parents=True)
    for path in ("scripts/lambda-package", "app/__init__.py", "app/backends/__init__.py", "app/backends/package.py"):
        shutil.copy2(_root / path, copy / path)
    return copy


def build(tree: Path, output: Path, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, tree / "scripts" / "lambda-package", output],
        capture_output=True,
        text=True,
        timeout=60,
        umask=umask,
    )


def test_times_modes_and_byte_code_make_no_difference(tree: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert build(tree, first).returncode == 0
    for path in (tree / "backend_lambda").rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    (tree / "backend_lambda" / "__pycache__").mkdir(exist_ok=True)
    (tree / "backend_lambda" / "__pycache__" / "entry.cpython-313.pyc").write_bytes(b"anything")
    (tree / "backend_lambda" / ".DS_Store").write_bytes(b"anything")
    assert build(tree, second, umask=0o077).returncode == 0
    assert first.read_bytes() == second.read_bytes()


def test_it_holds_the_sources_readable_sorted_and_below_a_megabyte(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "made" / "lambda.zip"
    assert build(tree, output).returncode == 0
    assert output.stat().st_size < 1_000_000
    with zipfile.ZipFile(output) as package:
        members = package.infolist()
    names = [member.filename for member in members]
    kinds = {".py": 0o100644, ".js": 0o100644, ".sh": 0o100755}
    files = {path for path in (tree / "backend_lambda").rglob("*") if path.suffix in kinds}
    sources = {path.relative_to(tree).as_posix() for path in files}
    assert names == sorted(sources)
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    # Lambda runs the code as another user than the one who unpacked it, and starts the wrapper as a program.
    assert all(member.external_attr >> 16 == kinds[Path(member.filename).suffix] for member in members)


def test_python_imports_the_handler_from_it(tree: Path, tmp_path: Path) -> None:
    output = tmp_path / "lambda.zip"
    assert build(tree, output).returncode == 0
    found = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(output)!r})\n"
         "import backend_lambda.core.front_door as it; print(it.__file__)"],
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert found.stdout.startswith(str(output)), found.stderr


def test_an_unknown_kind_of_file_is_refused_by_name(tree: Path, tmp_path: Path) -> None:
    (tree / "backend_lambda" / "notes.txt").write_text("for me")
    done = build(tree, tmp_path / "lambda.zip")
    assert done.returncode != 0
    assert "notes.txt" in done.stderr


def test_a_changed_source_changes_the_package(tree: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert build(tree, first).returncode == 0
    (tree / "backend_lambda" / "__init__.py").write_text("# changed\n")
    assert build(tree, second).returncode == 0
    assert first.read_bytes() != second.read_bytes()
