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
_DEFLATE_FROM = 1024  # bytes; smaller bodies gain less than the flag costs


def encode(message: Message, *, binary: bool) -> str | bytes:
    """The message as it goes on the wire: bytes for the binary form, str for text.

    binary: whether this connection carries the binary form (agreed in hello and welcome)
    """
    fields = ENCODERS[type(message)](message)
    if isinstance(message, _WITH_BODY) and message.body:
        if binary:
            return b"%b\n%b" % (_dumps(fields).encode("ascii"), message.body)
        body = message.body
        if len(body) >= _DEFLATE_FROM:
            deflated = zlib.compress(body, 6)
            if len(deflated) < len(body) * 9 // 10:
                body = deflated
                fields["z"] = True
        fields["body"] = base64.b64encode(body).decode("ascii")
    return _dumps(fields)


def decode(wire: str | bytes, *, max_message: int, max_body: int) -> Message | None:
    """Read one WebSocket message; None for a type this version does not know (to be ignored).

    max_message: bytes allowed on the wire; max_body: bytes allowed of the raw body
    Raises ProtocolError: `oversize`, or `malformed` with the name of the field.
    """
    if len(wire) > max_message:
        raise ProtocolError("oversize", f"{len(wire)} > {max_message}")
    body: bytes | None = None
    try:
        if isinstance(wire, bytes):
            line, found, body = wire.partition(b"\n")
            if not found:
                body = None
            fields = json.loads(line)
        else:
            fields = json.loads(wire)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("malformed", f"not JSON ({type(error).__name__})") from None
    if not isinstance(fields, dict):
        raise ProtocolError("malformed", "not an object")
    kind = fields.get("type")
    decoder = DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        if isinstance(kind, str):
            return None
        raise ProtocolError("malformed", "type")
    if body is None:
        body = _body_of(fields, max_body)
    if len(body) > max_body:
        raise ProtocolError("oversize", f"body {len(body)} > {max_body}")
    return decoder(fields, body)


def _body_of(fields: dict[str, Any], max_body: int) -> bytes:
    text, deflated = fields.get("body"), fields.get("z", False)
    if text is None:
        return b""
    if deflated is not True and deflated is not False:
        raise ProtocolError("malformed", "z")
    if not isinstance(text, str):
        raise ProtocolError("malformed", "body")
    try:
        body = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("malformed", "body is not base64") from None
    if not deflated:
        return body
    inflater = zlib.decompressobj()
    try:
        # One byte more than allowed is enough to know that it is too much, whatever the ratio.
        body = inflater.decompress(body, max_body + 1)
    except zlib.error:
        raise ProtocolError("malformed", "body is not deflated") from None
    if not inflater.eof and len(body) <= max_body:
        raise ProtocolError("malformed", "body ends early")
    return body
