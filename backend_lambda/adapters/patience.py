"""Calls of AWS that fail for a moment and are worth another try, beyond the one that boto3 makes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from backend_lambda.adapters.clients import code_of, is_throttled

_PAUSES: Final = (0.1, 0.2, 0.4)  # seconds
_FOR_NOW: Final = frozenset(("InternalServerError", "ServiceUnavailable", "RequestTimeout", "SlowDown"))
T = TypeVar("T")


def is_temporary(error: Exception) -> bool:
    """Whether AWS is throttling, failing or out of reach, so that the same call may succeed in a while."""
    if code := code_of(error):
        return is_throttled(error) or code in _FOR_NOW
    from botocore.exceptions import ConnectionError, HTTPClientError

    return isinstance(error, ConnectionError | HTTPClientError)


async def patiently(call: Callable[[], T]) -> T:
    """The call's result; it must be one that may be made twice. Raises what the last of four attempts raised, and at
    once what is not temporary."""
    for pause in _PAUSES:
        try:
            return call()
        except Exception as error:
            if not is_temporary(error):
                raise
        await asyncio.sleep(pause)
    return call()
