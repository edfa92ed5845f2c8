"""Zips backend_lambda for AWS Lambda: the same sources and the same zlib give the same bytes.

Times, modes and order are fixed, and nothing but sources goes in. Nothing is compiled: Lambda's Python may be another.
`scripts/lambda-package` does the same in a checkout, without any library, so this imports the standard library only.
"""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

LIMIT = 1_000_000
"""Bytes. A cold start reads all of it."""

# Lambda runs the code as another user than the one who packed it; what it starts as a program must be one.
_MODES = {".py": 0o644, ".js": 0o644, ".sh": 0o755}
# The first moment that a zip file can name.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _REGULAR = 3, 0o100000


class StrangeFileError(Exception):
    """A kind of file that nobody has thought about."""


def installed_package() -> Path:
    """The folder `backend_lambda` of this installation; it is not imported."""
    found = importlib.util.find_spec("backend_lambda")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def sources(package: Path) -> list[Path]:
    """What is deployed, in the order of the names. Raises StrangeFileError."""
    found = [path for path in package.rglob("*") if path.is_file() and not _needless(path.relative_to(package))]
    if strange := [path for path in found if path.suffix not in _MODES]:
        raise StrangeFileError(f"Neither deployed nor known to be needless: {', '.join(map(str, strange))}")
    return sorted(found, key=lambda path: path.relative_to(package).as_posix())


def write_package(output: Path, package: Path) -> None:
    """Write the zip file beside its place and move it there, so that nobody finds half of it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.new")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for path in sources(package):
            member = zipfile.ZipInfo(path.relative_to(package.parent).as_posix(), _EPOCH)
            member.create_system = _UNIX
            member.external_attr = (_REGULAR | _MODES[path.suffix]) << 16
            archive.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    unfinished.replace(output)


def _needless(path: Path) -> bool:
    """Byte code, and what editors and file managers leave."""
    return any(part == "__pycache__" or part.startswith(".") for part in path.parts)
