"""Messages to WebSocket messages and back.

Two forms. Text: one JSON object, a body as base64 in `body` (deflated first where `z` is true). Binary, only
if both sides said so: the JSON object without `body`, one LF, the raw body. Unknown fields are ignored.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.fields import DECODERS, ENCODERS
from backend_lambda.protocol.messages import Data, Message, Request, Response

_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

_WITH_BODY = (Request, Response, Data)
_GATEWAY_NOTE = {"message", "connectionId", "requestId"}
_DEFLATE_FROM = 1024  # bytes; smaller bodies gain less than the flag costs


def encode(message: Message, *, binary: bool) -> str | bytes:
    """The message as it goes on the wire: bytes for the binary form, str for text.

    binary: whether this connection carries the binary form (agreed in hello and welcome)
    """
    fields = ENCODERS[type(message)](message)
    if isinstance(message, _WITH_BODY) and message.body:
        if binary:
            return b"%b\n%b" % (_dumps(fields).encode("ascii"), message.body)
        body, is_deflated = deflated(message.body)
        if is_deflated:
            fields["z"] = True
        fields["body"] = base64.b64encode(body).decode("ascii")
    return _dumps(fields)


def deflated(body: bytes) -> tuple[bytes, bool]:
    """(the body as it goes into text, whether it is deflated now)."""
    if len(body) >= _DEFLATE_FROM:
        smaller = zlib.compress(body, 6)
        if len(smaller) < len(body) * 9 // 10:
            return smaller, True
    return body, False


def decode(wire: str | bytes, *, max_message: int, max_body: int) -> Message | None:
    """Read one WebSocket message; None for a type this version does not know (to be ignored).

    max_message: bytes allowed on the wire; max_body: bytes allowed of the raw body
    Raises ProtocolError: `oversize`, or `malformed` with the name of the field.
    """
    if len(wire) > max_message:
        raise ProtocolError("oversize", f"{len(wire)} > {max_message}")
    try:
        if isinstance(wire, bytes):
            line, found, body = wire.partition(b"\n")
            fields = json.loads(line)
            if found:
                return _decoded(fields, body, max_body)
        else:
            fields = json.loads(wire)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("malformed", f"not JSON ({type(error).__name__})") from None
    return message_of(fields, _stored(fields), max_body=max_body)


def _stored(fields: Any) -> bytes:
    text = fields.get("body") if isinstance(fields, dict) else None
    if text is None:
        return b""
    if not isinstance(text, str):
        raise ProtocolError("malformed", "body")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("malformed", "body is not base64") from None


def message_of(fields: Any, stored: bytes, *, max_body: int) -> Message | None:
    """As `decode`, of the fields and the body as it is stored beside them: deflated where `z` is true."""
    if not isinstance(fields, dict):
        raise ProtocolError("malformed", "not an object")
    is_deflated = fields.get("z", False)
    if is_deflated is not True and is_deflated is not False:
        raise ProtocolError("malformed", "z")
    return _decoded(fields, _inflated(stored, max_body) if is_deflated else stored, max_body)


def _decoded(fields: Any, body: bytes, max_body: int) -> Message | None:
    if not isinstance(fields, dict):
        raise ProtocolError("malformed", "not an object")
    kind = fields.get("type")
    decoder = DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        # API Gateway puts words of its own on the socket when it could not handle a message.
        if isinstance(kind, str) or fields.keys() >= _GATEWAY_NOTE:
            return None
        raise ProtocolError("malformed", "type")
    if len(body) > max_body:
        raise ProtocolError("oversize", f"body {len(body)} > {max_body}")
    return decoder(fields, body)


def _inflated(data: bytes, max_body: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        # One byte more than allowed is enough to know that it is too much, whatever the ratio.
        body = inflater.decompress(data, max_body + 1)
    except zlib.error:
        raise ProtocolError("malformed", "body is not deflated") from None
    if not inflater.eof and len(body) <= max_body:
        raise ProtocolError("malformed", "body ends early")
    return body
