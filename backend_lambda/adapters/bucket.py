"""`BlobStore` and `BlobLinks` on S3: bodies above the break-even of table and bucket, or above what a function returns.

Nothing is deleted: the bucket's lifecycle does that for nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import cached_property
from typing import Any, Final

from backend_lambda.adapters.clients import bodies, code_of, credentials
from backend_lambda.adapters.presigning import Presigner
from backend_lambda.adapters.settings import Settings
from backend_lambda.core.ports import BlobFailed
from backend_lambda.protocol.messages import Headers

_PIECE: Final = 256 * 1024
_AGENT_SECONDS: Final = 180  # longer than any answer may take
_VISITOR_SECONDS: Final = 300  # the bucket's policy refuses older ones, whatever they say
# What S3 says in its own answer in our words: header → parameter. Other headers of an answer cannot be set.
_OVERRIDES: Final = {
    name: f"response-{name}"
    for name in ("content-type", "content-disposition", "content-encoding", "content-language", "cache-control")
}
# Without the right to list, S3 does not tell a missing object from a forbidden one.
_MISSING: Final = frozenset(("NoSuchKey", "AccessDenied"))


class Bucket:
    """make_client: of boto3 for S3; built when the first body needs it, since most environments never do"""

    def __init__(self, name: str, presigner: Presigner, make_client: Callable[[], Any]) -> None:
        self._name = name
        self._presigner = presigner
        self._make_client = make_client

    @cached_property
    def _client(self) -> Any:
        return self._make_client()

    @property
    def origin(self) -> str:
        """Of its URLs."""
        return self._presigner.origin

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> int:
        body = b"".join([piece async for piece in pieces])  # a visitor's, so no larger than an event
        try:
            self._client.put_object(Bucket=self._name, Key=key, Body=body)
        except Exception as error:
            raise BlobFailed(code_of(error) or type(error).__name__) from error
        return len(body)

    async def get(self, key: str) -> AsyncGenerator[bytes, None]:
        try:
            stream = self._client.get_object(Bucket=self._name, Key=key)["Body"]
        except Exception as error:
            if code_of(error) in _MISSING:
                raise KeyError(key) from None
            raise BlobFailed(code_of(error) or type(error).__name__) from error
        try:
            while piece := stream.read(_PIECE):
                yield piece
        except Exception as error:
            raise BlobFailed(type(error).__name__) from error
        finally:
            stream.close()

    def to_put(self, key: str, size: int | None = None) -> str:
        headers = None if size is None else {"content-length": str(size)}
        return self._presigner.url("PUT", key, _AGENT_SECONDS, headers=headers)

    def to_get(self, key: str, headers: Headers | None = None) -> str:
        if headers is None:
            return self._presigner.url("GET", key, _AGENT_SECONDS)
        given = [(_OVERRIDES.get(name.lower()), value) for name, value in headers]
        parameters = {name: value for name, value in given if name is not None and value.isascii()}
        return self._presigner.url("GET", key, _VISITOR_SECONDS, parameters)


def open_bucket(settings: Settings) -> Bucket | None:
    """None where the deployment has none."""
    if not settings.bucket:
        return None
    if settings.s3_endpoint:
        url = f"{settings.s3_endpoint}/{settings.bucket}"
    else:
        suffix = "amazonaws.com.cn" if settings.region.startswith("cn-") else "amazonaws.com"
        # Not the global name: for buckets of other regions that are young it only redirects.
        url = f"https://{settings.bucket}.s3.{settings.region}.{suffix}"
    return Bucket(settings.bucket, Presigner(credentials, url, settings.region), lambda: bodies(settings))
