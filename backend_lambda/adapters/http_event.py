"""A visitor's request out of the event of an HTTP API (payload 2.0 or 1.0) or of a Function URL (2.0)."""

from __future__ import annotations

import base64
import re
from typing import Any, Final
from urllib.parse import quote

from backend_lambda.core.model import PublicRequest
from backend_lambda.protocol.messages import Headers

# An HTTP API decodes the path. Encoding again what a path may not hold as it is restores nearly everything; only
# what was sent as %2F or %3F is lost, and what came encoded without need (`%41`) comes plain.
_PATH: Final = "/:@!$&'()*+,;=~"
# Visitors who are no browsers send anything. What is no character of a request line must not get into one.
_QUERY: Final = "".join(map(chr, range(0x21, 0x7F)))
_CLEAN: Final = re.compile("[!-~]*")
_URL_DOMAIN: Final = ".lambda-url."
_PUBLIC_URL: Final = "anonymous"  # what a Function URL without AWS's own sign-in has for an account
# Added by the gateway, or about its own connection; they are not the visitor's.
_OWN: Final = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "via"})


class BadEvent(Exception):
    """The event is none of those this function serves; the message says what is missing."""


class WholeBody:
    """A body that is there, read in one piece."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length: int | None = len(data)

    async def read(self) -> bytes:
        data, self._data = self._data, b""
        return data


def comes_by_url(event: dict[str, Any]) -> bool:
    """Whether a visitor's event is a Function URL's and no gateway's."""
    context = event.get("requestContext")
    if not isinstance(context, dict) or "http" not in context:
        return False
    return context.get("accountId") == _PUBLIC_URL or _URL_DOMAIN in str(context.get("domainName"))


def request_of(event: dict[str, Any]) -> PublicRequest:
    """Raises BadEvent."""
    try:
        return _version_2(event) if event.get("version") == "2.0" else _version_1(event)
    except KeyError as error:
        raise BadEvent(f"The HTTP event lacks {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise BadEvent(f"The HTTP event cannot be read ({type(error).__name__})") from None


def _version_2(event: dict[str, Any]) -> PublicRequest:
    context = event["requestContext"]
    http = context["http"]
    headers: Headers = [(name, _text(value)) for name, value in event["headers"].items() if name not in _OWN]
    if cookies := event.get("cookies"):
        # A Function URL keeps the header as well; the list says the same.
        headers = [pair for pair in headers if pair[0] != "cookie"]
        headers.append(("cookie", "; ".join(cookies)))
    raw_path = event["rawPath"]
    return _request(
        http["method"],
        raw_path if comes_by_url(event) else quote(raw_path, safe=_PATH),
        event.get("rawQueryString", ""),
        headers,
        event,
        address=http["sourceIp"],
        received=int(context.get("timeEpoch", 0)),
        host=context["domainName"],
    )


def _version_1(event: dict[str, Any]) -> PublicRequest:
    context = event["requestContext"]
    multi = event["multiValueHeaders"]
    headers: Headers = [
        (name.lower(), _text(value)) for name, values in multi.items() for value in values if name.lower() not in _OWN
    ]
    pairs = [
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, values in (event.get("multiValueQueryStringParameters") or {}).items()
        for value in values
    ]
    return _request(
        event["httpMethod"],
        quote(event["path"], safe=_PATH),
        "&".join(pairs),
        headers,
        event,
        address=context["identity"]["sourceIp"],
        received=int(context.get("requestTimeEpoch", 0)),
        host=context["domainName"],
    )


def _text(value: Any) -> str:
    """A header's value, a character for each byte. Raises TypeError, UnicodeEncodeError."""
    if not isinstance(value, str):
        raise TypeError(f"text where {type(value).__name__} is")
    return value if value.isascii() else _sent(value).decode("latin-1")


def _sent(text: str) -> bytes:
    """What was sent as UTF-8, whether the gateway has read it as that or byte by byte: nobody says."""
    try:
        data = text.encode("latin-1")
        data.decode("utf-8")
    except UnicodeError:
        return text.encode("utf-8")
    return data


def _request(
    method: str,
    path: str,
    query: str,
    headers: Headers,
    event: dict[str, Any],
    *,
    address: str,
    received: int,
    host: str,
) -> PublicRequest:
    text = event.get("body")
    data = b""
    if text:
        data = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogateescape")
    elif method in ("GET", "HEAD", "OPTIONS"):
        # The gateway adds `content-length: 0` to requests that said nothing of a body.
        headers = [pair for pair in headers if pair != ("content-length", "0")]
    if not _CLEAN.fullmatch(query):
        query = quote(_sent(query), safe=_QUERY)
    named = next((value for name, value in headers if name == "host"), host)
    return PublicRequest(
        method,
        f"{path}?{query}" if query else path,
        headers,
        "https",
        named,
        address,
        WholeBody(data) if data else None,
        received * 1000,
    )
