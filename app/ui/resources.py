"""Finds the files of `resources/` in a source checkout as well as in an installed wheel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_APP = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def resource_directory() -> Path:
    """`app/_resources` where the wheel put it, else `resources/` beside `app/`."""
    packaged = _APP / "_resources"
    return packaged if packaged.is_dir() else _APP.parent / "resources"


def read_text(name: str) -> str:
    """The UTF-8 text of a resource, e.g. `hatchway.qss` or `icons/copy.svg`."""
    return (resource_directory() / name).read_text(encoding="utf-8")
