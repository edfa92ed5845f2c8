"""S3: presigned and signed requests for single objects; signature, expiry and signed headers are checked."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.http_server import HttpServer, Request, Response, TooLarge
from tests.aws.emulator.meter import Meter
from tests.aws.emulator.s3_cors import Cors
from tests.aws.emulator.sigv4 import Keys, Refused, check_header, check_query

_PUT_LIMIT = 5 * 1024**3
_OVERRIDES = ("type", "disposition", "encoding", "language", "cache-control", "expires")


@dataclass(slots=True)
class StoredObject:
    body: bytes
    headers: dict[str, str]
    etag: str
    at: float = field(default_factory=time.time)


class _Failure(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.response = Response(
            status,
            [("Content-Type", "application/xml"), ("x-amz-request-id", "EMULATED")],
            f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode(),
        )


class S3:
    """One bucket, path style or virtual-host style. clock: decides when a presigned URL has expired."""

    def __init__(self, bucket: str, *, keys: Keys, clock: Clock, meter: Meter, faults: Faults) -> None:
        self.bucket = bucket
        self.objects: dict[str, StoredObject] = {}
        self.cors = Cors()
        self.clock = clock
        self._keys = keys
        self._meter = meter
        self._faults = faults
        self._lock = threading.Lock()
        self.server = HttpServer(self._handle)

    async def _handle(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return self.cors.preflight(request)
        response = await self._answer(request)
        response.headers += self.cors.headers(request, request.method)
        return response

    async def _answer(self, request: Request) -> Response:
        try:
            presigned = "X-Amz-Signature=" in request.query or "Signature=" in request.query
            if "transfer-encoding" in {name.lower() for name, _ in request.headers}:
                raise _Failure(501, "NotImplemented", "A header you provided implies functionality not implemented")
            try:
                if presigned:
                    check_query(request, self._keys, self.clock.now())
                body = await request.read(_PUT_LIMIT)
                if not presigned:
                    check_header(request, body, self._keys, "s3", time.time())
            except Refused as error:
                raise _Failure(403, _code(error), error.message) from None
            except TooLarge:
                raise _Failure(400, "EntityTooLarge", "Your proposed upload exceeds the maximum size") from None
            key = self._key(request)
            if self._faults.strikes("s3-503", key):
                raise _Failure(503, "SlowDown", "Please reduce your request rate.")
            with self._lock:
                return self._perform(request, key, body, presigned)
        except _Failure as failure:
            return failure.response

    def _key(self, request: Request) -> str:
        host = (request.header("host") or "").partition(":")[0]
        if host.startswith(f"{self.bucket}."):
            return unquote(request.path[1:])
        bucket, _, key = request.path[1:].partition("/")
        if bucket != self.bucket:
            raise _Failure(404, "NoSuchBucket", "The specified bucket does not exist")
        return unquote(key)

    def _perform(self, request: Request, key: str, body: bytes, presigned: bool) -> Response:
        if request.method == "PUT" and key:
            return self._put(request, key, body)
        if request.method in ("GET", "HEAD") and key:
            return self._get(request, key, presigned)
        if request.method == "DELETE" and key:
            self.objects.pop(key, None)
            return Response(204)
        raise _Failure(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")

    def _put(self, request: Request, key: str, body: bytes) -> Response:
        self._meter.add("s3_puts")
        if request.header("content-length") is None:
            raise _Failure(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if request.header("if-none-match") == "*" and key in self.objects:
            raise _Failure(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        if request.header("content-encoding") == "aws-chunked":
            body = _unchunked(body)
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        kept = {
            name.lower(): value
            for name, value in request.headers
            if name.lower() in ("content-type", "content-encoding", "content-disposition", "cache-control")
            and value != "aws-chunked"
        }
        self.objects[key] = StoredObject(body, kept, etag)
        return Response(200, [("ETag", etag)])

    def _get(self, request: Request, key: str, presigned: bool) -> Response:
        self._meter.add("s3_gets")
        stored = self.objects.get(key)
        if stored is None:
            # Without ListBucket, S3 does not even say that a key is missing.
            raise _Failure(404, "NoSuchKey", "The specified key does not exist.")
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        headers = {"content-type": "binary/octet-stream", **stored.headers}
        for name in _OVERRIDES:
            if f"response-{'content-' if name in _OVERRIDES[:4] else ''}{name}" in query:
                full = f"{'content-' if name in _OVERRIDES[:4] else ''}{name}"
                headers[full] = query[f"response-{full}"]
        headers |= {"etag": stored.etag, "accept-ranges": "bytes", "last-modified": formatdate(stored.at, usegmt=True)}
        body, status = stored.body, 200
        if wanted := re.fullmatch(r"bytes=(\d*)-(\d*)", request.header("range") or ""):
            start, end = _range(wanted[1], wanted[2], len(body))
            headers["content-range"] = f"bytes {start}-{end}/{len(body)}"
            body, status = body[start : end + 1], 206
        if presigned and request.method == "GET":  # the function's own reads stay in the region
            self._meter.egress(len(body))
        return Response(status, list(headers.items()), body)


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    start = int(first) if first else max(0, size - int(last or 0))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end or (not first and not last):
        raise _Failure(416, "InvalidRange", "The requested range is not satisfiable")
    return start, end


def _unchunked(body: bytes) -> bytes:
    """The content of an aws-chunked body."""
    content, at = b"", 0
    while True:
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end].split(b";")[0], 16)
        if not size:
            return content
        content += body[line_end + 2 : line_end + 2 + size]
        at = line_end + 4 + size


def _code(error: Refused) -> str:
    return {
        "MissingAuthenticationTokenException": "AccessDenied",
        "InvalidSignatureException": "RequestTimeTooSkewed",
    }.get(error.code, error.code)
