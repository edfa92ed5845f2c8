"""Values written with escapes, as in CSS, JavaScript and JSON: edited so that escapes in what need not change stay."""

from __future__ import annotations

import re
from collections.abc import Callable

DecodeOne = Callable[[re.Match[str]], str]
_C0_AND_SPACE = "".join(map(chr, range(0x21)))


def map_escaped(
    raw: str,
    map_url: Callable[[str], str],
    escape: re.Pattern[str],
    decode_one: DecodeOne,
    encode: Callable[[str, str], str],
) -> str:
    """Map a URL that is written with escapes; only what the mapping changed is written anew.

    escape: finds the escapes, which begin with a backslash; decode_one: the value of one of them
    encode: called with the new part of the mapped URL and the old value; writes it as it may stand in `raw`
    """
    values, ends = ([raw], [len(raw)]) if "\\" not in raw else _parts(raw, escape, decode_one)
    value = "".join(values)
    mapped = map_url(value)
    if mapped == value:
        return raw
    if mapped.endswith(value):
        return encode(mapped[: len(mapped) - len(value)], value) + raw
    # Mapping keeps blanks in front and all from the path on.
    blanks = len(value) - len(value.lstrip(_C0_AND_SPACE))
    start = blanks if mapped[:blanks] == value[:blanks] else 0
    same = 0
    limit = min(len(value), len(mapped)) - start
    while same < limit and value[-1 - same] == mapped[-1 - same]:
        same += 1
    # Whole escapes are kept or replaced.
    head, _ = _offset(values, ends, start)
    tail, kept_from = _offset(values, ends, len(value) - same)
    same = len(value) - kept_from
    return raw[:head] + encode(mapped[start : len(mapped) - same], value) + raw[tail:]


def _offset(values: list[str], ends: list[int], at: int) -> tuple[int, int]:
    """(index in the raw text, index in the value) of the first place from `at` on that is not inside an escape."""
    reached = raw_at = 0
    for value, end in zip(values, ends, strict=True):
        size = end - raw_at
        if at <= reached:
            break
        if at < reached + len(value) and size == len(value):
            return raw_at + at - reached, at
        reached += len(value)
        raw_at = end
    return raw_at, reached


def _parts(raw: str, escape: re.Pattern[str], decode_one: DecodeOne) -> tuple[list[str], list[int]]:
    """The text cut into escapes and what is between them: their values, and where in the raw text they end."""
    values: list[str] = []
    ends: list[int] = []
    at = 0
    for match in escape.finditer(raw):
        if match.start() > at:
            values.append(raw[at : match.start()])
            ends.append(match.start())
        values.append(decode_one(match))
        at = match.end()
        ends.append(at)
    if at < len(raw):
        values.append(raw[at:])
        ends.append(len(raw))
    return values, ends
