"""Answers larger than a function may return: packed if that makes them small enough, or else fetched from the bucket.

A redirect changes the address of what it leads to, so it is only for what does not mind: no pages and style sheets,
whose relative references would then mean the bucket, and nothing that browsers want from the page's own origin.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from backend_lambda.adapters.http_result import TooLarge
from backend_lambda.core.model import Elsewhere, PublicRequest, PublicResponse, header
from backend_lambda.protocol.messages import Headers
from backend_lambda.rewrite.facts import RequestFacts, read_facts
from backend_lambda.rewrite.kinds import is_script

MOST_BODY: Final = 4_600_000
"""Bytes of a body that a result can carry whatever it is: base64 and a head fit into 6 MB."""
_MOST_PACKED: Final = 24 * 1024 * 1024  # bytes to pack at most: a second of a function with 512 MB
_TEXT: Final = ("text/", "application/json", "application/javascript", "application/xml", "application/wasm")
# Their relative references are resolved against the address that they finally came from.
_BOUND: Final = ("text/html", "application/xhtml+xml", "text/css", "image/svg+xml", "text/xml", "application/xml")
_OWN_ORIGIN: Final = frozenset(
    {"worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet", "manifest", "style"}
)
# Of the head, what a redirect still says; the rest describes the body and goes to the bucket, or is lost.
_KEPT: Final = ("set-cookie", "access-control-", "timing-allow-origin", "x-hatchway-", "server-timing")


async def returnable(response: PublicResponse, request: PublicRequest) -> PublicResponse:
    """The answer, or one that stands for it, with a body that can be returned. Raises TooLarge, ResponseCut."""
    if isinstance(response.body, bytes) or request.method == "HEAD":
        return response  # inline bodies are small
    async with aclosing(response.body) as pieces:
        facts = read_facts(request.method, request.target, request.headers)
        at = response.elsewhere
        if at is not None and at.size > (_MOST_PACKED if _is_packable(response, facts) else MOST_BODY):
            return _redirect(response, request, facts, at)
        body, is_packed = await _collect(pieces, packable=_is_packable(response, facts))
    if body is None:
        if at is None:
            raise TooLarge
        return _redirect(response, request, facts, at)
    headers = _packed_head(response.headers) if is_packed else response.headers
    return PublicResponse(response.status, headers, body)


async def _collect(pieces: AsyncGenerator[bytes, None], *, packable: bool) -> tuple[bytes | None, bool]:
    """(the body, whether it is packed); None if it is too large."""
    out: list[bytes] = []
    taken = size = 0
    packer: zlib._Compress | None = None
    async for piece in pieces:
        taken += len(piece)
        if packer is None and taken > MOST_BODY:
            if not packable:
                return None, False
            packer = zlib.compressobj(4, wbits=31)
            out = [packer.compress(b"".join(out))]
            size = len(out[0])
        made = piece if packer is None else packer.compress(piece)
        out.append(made)
        size += len(made)
        if size > MOST_BODY or taken > _MOST_PACKED:
            return None, False
    if packer is not None:
        out.append(packer.flush())
        if size + len(out[-1]) > MOST_BODY:
            return None, False
    return b"".join(out), packer is not None


def _is_packable(response: PublicResponse, facts: RequestFacts) -> bool:
    headers = response.headers
    if not facts.takes_gzip or header(headers, "content-encoding") or header(headers, "content-range"):
        return False
    disposition = (header(headers, "content-disposition") or "").lstrip().lower()
    if disposition.startswith("attachment") or "no-transform" in (header(headers, "cache-control") or "").lower():
        return False
    return _essence(headers).startswith(_TEXT) or _essence(headers).endswith(("+json", "+xml"))


def _packed_head(headers: Headers) -> Headers:
    """RFC 9110: another representation, so no strong validator and digest of the one before."""
    kept = [
        (name, f"W/{value}" if name.lower() == "etag" and value.startswith('"') else value)
        for name, value in headers
        if name.lower() not in ("content-length", "accept-ranges", "content-md5", "content-digest")
    ]
    return [*kept, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]


def _redirect(response: PublicResponse, request: PublicRequest, facts: RequestFacts, at: Elsewhere) -> PublicResponse:
    """Raises TooLarge."""
    headers = response.headers
    is_all = response.status == 200 or header(headers, "content-range") == f"bytes 0-{at.size - 1}/{at.size}"
    is_module = is_script(headers) and facts.mode == "cors"
    stays = facts.destination in _OWN_ORIGIN or facts.mode == "same-origin"
    if not is_all or is_module or stays or _essence(headers) in _BOUND:
        raise TooLarge
    if not _essence(headers):
        headers = [*headers, ("Content-Type", "application/octet-stream")]
    kept = [pair for pair in headers if pair[0].lower().startswith(_KEPT)]
    # 303 for what is no GET: the bucket knows no other method, and has the answer, not the form's next target.
    return PublicResponse(
        307 if request.method == "GET" else 303,
        [*kept, ("Location", at.url(headers)), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")],
    )


def _essence(headers: Headers) -> str:
    return (header(headers, "content-type") or "").partition(";")[0].strip().lower()
