"""Signature Version 4, checked as AWS checks it: in the Authorization header, or in the query of a presigned URL."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from tests.aws.emulator.http_server import Request

SKEW = 15 * 60


class Refused(Exception):
    """code: the name of AWS' error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Keys:
    """The one pair of access keys that exists."""

    access: str = "testing"
    secret: str = "testing"


def check_header(request: Request, body: bytes, keys: Keys, service: str, now: float) -> None:
    """Raises Refused unless the Authorization header signs this request."""
    authorization = request.header("authorization") or ""
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    fields = dict(part.strip().partition("=")[::2] for part in authorization[17:].split(","))
    date = request.header("x-amz-date") or ""
    if abs(_moment(date) - now) > SKEW:
        raise Refused("InvalidSignatureException", "Signature expired")
    digest = request.header("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()
    if digest == hashlib.sha256(body).hexdigest() or digest.startswith(("UNSIGNED", "STREAMING")):
        query = parse_qsl(request.query, keep_blank_values=True)
        # Other services than S3 sign the path encoded once more.
        path = request.path if service == "s3" else quote(request.path, safe="/-_.~")
        _check(request, path, query, fields.get("SignedHeaders", ""), digest, fields, date, keys, service)
        return
    raise Refused("InvalidSignatureException", "The request signature we calculated does not match")


def check_query(request: Request, keys: Keys, now: float) -> None:
    """Raises Refused unless the presigned query signs this request (S3 only)."""
    query = parse_qsl(request.query, keep_blank_values=True)
    fields = dict(query)
    if fields.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" or "X-Amz-Signature" not in fields:
        raise Refused("AccessDenied", "Access Denied")
    signed_at, lifetime = _moment(fields.get("X-Amz-Date", "")), int(fields.get("X-Amz-Expires", "0"))
    if not 1 <= lifetime <= 604_800:
        raise Refused("AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds)")
    if now > signed_at + lifetime:
        raise Refused("AccessDenied", "Request has expired")
    rest = [(name, value) for name, value in query if name != "X-Amz-Signature"]
    given = {"Credential": fields.get("X-Amz-Credential", ""), "Signature": fields["X-Amz-Signature"]}
    signed_headers = fields.get("X-Amz-SignedHeaders", "")
    _check(request, request.path, rest, signed_headers, "UNSIGNED-PAYLOAD", given, fields["X-Amz-Date"], keys, "s3")


def _check(
    request: Request,
    path: str,
    query: Iterable[tuple[str, str]],
    signed_headers: str,
    payload: str,
    fields: dict[str, str],
    date: str,
    keys: Keys,
    service: str,
) -> None:
    access, _, scope = fields.get("Credential", "").partition("/")
    if access != keys.access:
        raise Refused("InvalidAccessKeyId", "The AWS access key Id you provided does not exist in our records.")
    if not scope.endswith(f"/{service}/aws4_request"):
        raise Refused("SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{service}'.")
    names = signed_headers.split(";")
    if "host" not in names:
        raise Refused("AccessDenied", "The host header must be signed")
    headers = "".join(f"{name}:{' '.join((request.header(name) or '').split())}\n" for name in names)
    canonical = "\n".join([request.method, path, _canonical_query(query), headers, signed_headers, payload])
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + keys.secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.new(key, text.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(expected, fields.get("Signature", "")):
        raise Refused("SignatureDoesNotMatch", "The request signature we calculated does not match the signature")


def _canonical_query(query: Iterable[tuple[str, str]]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _moment(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refused("AccessDenied", "X-Amz-Date must be formatted YYYYMMDDTHHMMSSZ") from None
