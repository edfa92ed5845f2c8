"""What is different between two answers: status, headers by name, JSON by path, text by line, other bodies by bytes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from app.content.reading import MISSING, body_text, parse_json
from app.domain.exchange import Body, Exchange, Headers
from app.replay import volatile

MAX_DIFFERENCES = 500
MAX_LINES = 4_000
_SHOWN = 200  # characters of a value


@dataclass(frozen=True, slots=True)
class Difference:
    """place: `status`, `header content-type`, `$.items[0].id`, `line 7`, `body`; before, after: short texts

    ignored: why it does not count (`a time`, `learnt`, `by you`); empty if it does
    """

    place: str
    kind: Literal["changed", "added", "removed"]
    before: str = ""
    after: str = ""
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class Masks:
    """Places that are not compared, beside what looks volatile by itself.

    learnt: differed between answers of the same kind; ignored, compared: the user's word, which counts more
    """

    learnt: frozenset[str] = field(default_factory=frozenset)
    ignored: frozenset[str] = field(default_factory=frozenset)
    compared: frozenset[str] = field(default_factory=frozenset)


def compare(before: Exchange, after: Exchange, masks: Masks | None = None) -> list[Difference]:
    """All differences of the answers, in order; at most MAX_DIFFERENCES. Costs time in large bodies: use a thread."""
    masks = masks or Masks()
    found: list[Difference] = []
    for difference in _differences(before, after):
        found.append(_masked(difference, masks))
        if len(found) == MAX_DIFFERENCES:
            break
    return found


def learn(answers: Sequence[Exchange]) -> frozenset[str]:
    """Places that were different in every one of these answers to the same request: they will be next time, too.

    Three answers at least: a place that changed once may be what somebody has repaired.
    """
    if len(answers) < 3:
        return frozenset()
    pairs = [{difference.place for difference in compare(one, other)} for one, other in pairwise(answers)]
    return frozenset(set.intersection(*pairs))


def _differences(before: Exchange, after: Exchange) -> Iterator[Difference]:
    if before.status != after.status:
        yield Difference("status", "changed", _status(before), _status(after))
    yield from _headers(before.response_headers, after.response_headers)
    if before.response_body.data != after.response_body.data or before.response_body.size != after.response_body.size:
        yield from _bodies(before, after)


def _headers(before: Headers, after: Headers) -> Iterator[Difference]:
    one, other = _by_name(before), _by_name(after)
    for name in sorted({*one, *other}):
        if name in volatile.IGNORED_HEADERS or one.get(name) == other.get(name):
            continue
        place = f"header {name}"
        if name not in one:
            yield Difference(place, "added", after=other[name])
        elif name not in other:
            yield Difference(place, "removed", before=one[name])
        elif name == "set-cookie":
            # Values of cookies are secrets and change; which cookies there are is what counts.
            why = "a token" if _names(one) == _names(other) else ""
            yield Difference(place, "changed", one[name], other[name], why)
        else:
            why = volatile.reason(name, one[name], other[name])
            yield Difference(place, "changed", one[name], other[name], why)


def _bodies(before: Exchange, after: Exchange) -> Iterator[Difference]:
    if before.response_body.truncated or after.response_body.truncated:
        sizes = f"{before.response_body.size} bytes", f"{after.response_body.size} bytes"
        if sizes[0] != sizes[1]:
            yield Difference("body", "changed", *sizes)
            return
    one, other = _text(before, before.response_body), _text(after, after.response_body)
    if one == other:
        return
    first, second = parse_json(one), parse_json(other)
    if first is not MISSING and second is not MISSING:
        yield from _json("$", "", first, second)
        return
    try:
        lines = one.decode("utf-8").splitlines(), other.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        yield Difference("body", "changed", f"{len(one)} bytes", f"{len(other)} bytes")
        return
    yield from _lines(*lines)


def _json(place: str, name: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{place}.{key}" if key.isidentifier() else f"{place}[{json.dumps(key)}]"
            if key not in after:
                yield Difference(inner, "removed", before=_short(before[key]))
            elif key not in before:
                yield Difference(inner, "added", after=_short(after[key]))
            else:
                yield from _json(inner, key, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            inner = f"{place}[{index}]"
            if index >= len(after):
                yield Difference(inner, "removed", before=_short(before[index]))
            elif index >= len(before):
                yield Difference(inner, "added", after=_short(after[index]))
            else:
                yield from _json(inner, name, before[index], after[index])
    elif type(before) is not type(after) or before != after:
        why = volatile.reason(name, before, after)
        yield Difference(place, "changed", _short(before), _short(after), why)


def _lines(before: list[str], after: list[str]) -> Iterator[Difference]:
    if len(before) > MAX_LINES or len(after) > MAX_LINES:
        # Aligning them would take minutes; where they part is worth knowing.
        pairs = enumerate(zip(before, after, strict=False), 1)
        first = next((number for number, (one, other) in pairs if one != other), min(len(before), len(after)) + 1)
        yield Difference(f"line {first}", "changed", f"{len(before)} lines", f"{len(after)} lines")
        return
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        shared = min(end - start, other_end - other_start)
        for offset in range(shared):
            one, other = before[start + offset], after[other_start + offset]
            why = "times and tokens" if volatile.masked(one) == volatile.masked(other) else ""
            yield Difference(f"line {start + offset + 1}", "changed", _cut(one), _cut(other), why)
        for number in range(start + shared, end):
            yield Difference(f"line {number + 1}", "removed", before=_cut(before[number]))
        for number in range(other_start + shared, other_end):
            yield Difference(f"line {number + 1}", "added", after=_cut(after[number]))


def _masked(difference: Difference, masks: Masks) -> Difference:
    if difference.place in masks.compared:
        return replace(difference, ignored="")
    if difference.place in masks.ignored:
        return replace(difference, ignored="by you")
    # A status that changes is the answer itself, however often it has changed before.
    if not difference.ignored and difference.place in masks.learnt and difference.place != "status":
        return replace(difference, ignored="learnt")
    return difference


def _by_name(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


def _names(headers: dict[str, str]) -> list[str]:
    return sorted(line.partition("=")[0] for line in headers["set-cookie"].split("\n"))


def _text(exchange: Exchange, body: Body) -> bytes:
    return body_text(body.data, exchange.response_header("content-encoding"), exchange.response_header("content-type"))


def _status(exchange: Exchange) -> str:
    return "no answer" if exchange.status is None else str(exchange.status)


def _short(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
