"""Uploads larger than the front door takes: the page puts the body into the store, and its request says where it lies.

A page asks below the path that it sends to, `PUT /shop/photos/__hw/uploads/SIZE`, and gets an id and a URL for just so
many bytes. What it then sends to `/shop/photos` has a note instead of its body:

    __hw_upload=ID.SIZE&default=TYPE    Content-Type is TYPE unless the request names one (scripts)
    __hw_upload=ID.SIZE&type=TYPE       Content-Type is TYPE (forms, which cannot leave it out)

Only pages of the tunnel's own origin may do either: others' PUT needs a preflight, which is refused, and a note of
theirs is a body like any other, since it would let them send types for which browsers want a preflight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from backend_lambda.core.blob_bodies import BlobBodies
from backend_lambda.core.destination import Destination, Refused
from backend_lambda.core.model import PublicRequest, PublicResponse, header
from backend_lambda.core.own_pages import NO_STORE, demand_own_page, is_of_own_page
from backend_lambda.core.pages import failure_response
from backend_lambda.protocol.limits import MAX_BLOB
from backend_lambda.protocol.messages import Blob, Headers

NOTE: Final = b"__hw_upload="
_ASKED: Final = re.compile(r"(?:/.*)?/__hw/uploads/([1-9]\d{0,11})", re.DOTALL)
_NOTE: Final = re.compile(NOTE + rb"([0-9a-f]{32})\.([1-9]\d{0,11})&(default|type)=([!-~]{0,2000})")
_VALUE: Final = re.compile(r"[\t -~\x80-\xff]*")  # of a header, RFC 9110 section 5.5


async def answer_upload(
    request: PublicRequest, blobs: BlobBodies, find: Callable[[PublicRequest], Awaitable[Destination]]
) -> PublicResponse | None:
    """The answer if a page asks where to put an upload, else None. Raises Refused, as `find` does."""
    if "/__hw/uploads/" not in request.target:
        return None
    asked = _ASKED.fullmatch(request.target)
    if asked is None:
        return None
    demand_own_page(request)
    to = await find(request)
    size = int(asked[1])
    if not to.record.options.blobs:  # an agent that is too old for it
        raise Refused(PublicResponse(404, [NO_STORE, ("Content-Length", "0")]))
    if size > MAX_BLOB:
        raise Refused(failure_response("body_too_large", request.headers))
    id_, url = blobs.room(size)
    body = json.dumps({"id": id_, "url": url}).encode()
    return PublicResponse(
        200, [("Content-Type", "application/json"), NO_STORE, ("Content-Length", str(len(body)))], body
    )


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What a note stands for. headers: of the request as it was meant"""

    headers: Headers
    blob: Blob


def uploaded(request: PublicRequest, body: bytes, blobs: BlobBodies) -> Uploaded | None:
    """What the body stands for if it is a note, else None. Raises Refused for more than a store takes."""
    if not body.startswith(NOTE) or (note := _NOTE.fullmatch(body)) is None or not is_of_own_page(request):
        return None
    size, wins = int(note[2]), note[3] == b"type"
    if size > MAX_BLOB:
        raise Refused(failure_response("body_too_large", request.headers))
    kind = unquote_plus(note[4].decode("ascii"), "latin-1")
    if not _VALUE.fullmatch(kind):
        return None
    named = header(request.headers, "content-type") is not None
    headers: Headers = []
    for name, value in request.headers:
        lower = name.lower()
        if lower == "content-length":
            headers.append((name, str(size)))
        elif lower != "content-type" or not wins:
            headers.append((name, value))
    if kind and (wins or not named):
        headers.append(("Content-Type", kind))
    return Uploaded(headers, blobs.uploaded(note[1].decode("ascii"), size))
