"""A header list told by the difference to one that the receiver has anyway, so that nothing travels twice."""

from __future__ import annotations

from collections.abc import Sequence

from backend_lambda.protocol.heads import is_sendable
from backend_lambda.protocol.limits import MAX_DELTA, MAX_HEADERS
from backend_lambda.protocol.messages import Delta, Headers


def header_delta(headers: Headers, base: Sequence[tuple[str, str]]) -> Delta | None:
    """What `with_delta` needs to make `headers` of `base`; None if it cannot be sent or is not worth its bytes."""
    places = {pair: place for place, pair in enumerate(base)}
    delta: Delta = [places.get(pair, pair) for pair in headers]
    own = [pair for pair in delta if type(pair) is tuple]
    if len(delta) > MAX_HEADERS or sum([len(name) + len(value) for name, value in own]) > MAX_DELTA:
        return None
    return delta if is_sendable(own) else None


def with_delta(base: Sequence[tuple[str, str]], delta: Delta) -> Headers | None:
    """The list that was meant; None if the delta was made for another base."""
    try:
        return [base[pair] if isinstance(pair, int) else pair for pair in delta]
    except IndexError:
        return None
