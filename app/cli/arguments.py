"""Values of options that several commands take; what makes no sense is refused with the reason."""

from __future__ import annotations

import argparse
from pathlib import Path

_LONGEST = 86400.0
_UNITS = {"k": 1000, "m": 1000**2, "g": 1000**3}


def seconds(text: str) -> float:
    """More than 0, at most a day."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _LONGEST:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of seconds (more than 0, at most {_LONGEST:.0f})")
    return value


def size(text: str) -> int:
    """Bytes; `k`, `M` and `G` are decimal units."""
    factor = _UNITS.get(text[-1:].lower(), 1)
    number = text if factor == 1 else text[:-1]
    if not (number.isascii() and number.isdecimal()):
        raise argparse.ArgumentTypeError(f"“{text}” is not a size; use for example 500k, 100M or 2G")
    return int(number) * factor


def count(text: str) -> int:
    """A whole number, 0 too."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number")
    return int(text)


def absolute(path: str) -> Path:
    """The file that an argument names."""
    return Path(path).expanduser().absolute()
