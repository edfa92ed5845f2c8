"""Posts that fail, and those of which nobody knows whether they have arrived."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from backend_lambda.adapters import posting
from backend_lambda.adapters.posting import CallbackPush
from backend_lambda.core.ports import ConnectionGone, Throttled
from backend_lambda.protocol.messages import Cancel


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PostToConnection")


GONE, LIMITED, FORBIDDEN = refused("GoneException"), refused("LimitExceededException"), refused("ForbiddenException")
CLOSED = ConnectionClosedError(endpoint_url="https://api.test")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://api.test", error="refused")


class Api:
    """Fails as told, then takes posts."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.posts = 0

    def post_to_connection(self, **_: Any) -> None:
        self.posts += 1
        if self._failures:
            raise self._failures.pop(0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_PAUSES", (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("failures", "posts"),
    [
        ([], 1),
        ([LIMITED, LIMITED, LIMITED], 4),
        ([CLOSED], 2),
        ([UNREACHABLE, LIMITED], 3),
        # It may have arrived: who takes it as lost would have the agent do it twice.
        ([CLOSED, GONE], 2),
        ([CLOSED, LIMITED, LIMITED, LIMITED], 4),
        ([LIMITED, CLOSED, CLOSED, GONE], 4),
    ],
)
async def test_sent_or_perhaps(failures: list[Exception], posts: int) -> None:
    api = Api(*failures)
    await CallbackPush(api).send("c", Cancel("1"))
    assert api.posts == posts


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([GONE], ConnectionGone),
        ([LIMITED, GONE], ConnectionGone),
        ([UNREACHABLE, GONE], ConnectionGone),
        ([LIMITED] * 4, Throttled),
        ([FORBIDDEN], ClientError),
        ([UNREACHABLE] * 4, EndpointConnectionError),
    ],
)
async def test_certainly_not_sent(failures: list[Exception], expected: type[Exception]) -> None:
    with pytest.raises(expected):
        await CallbackPush(Api(*failures)).send("c", Cancel("1"))
