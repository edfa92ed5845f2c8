"""A visitor's WebSocket where the front door takes none: the runtime's messages and the agent's, in each other's words.

The page speaks with the backend by a WebSocket of another API. Its messages are `data`, `end` and `window` of the
protocol without an `id`, for a connection carries one exchange, and `alive` after long silence; those it gets are the
same, and `error`. Bodies are base64, never deflated. The id of the exchange names the visitor's connection, so that
whoever has a message of the agent knows where it goes.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from backend_lambda.protocol.codec import message_of
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_ID
from backend_lambda.protocol.messages import Data, End, Error, Message, Window

_MARK: Final = "v"  # ids of other exchanges are hexadecimal
_ALIVE: Final = "alive"
_SPOKEN: Final = frozenset({"data", "end", "window", _ALIVE})
_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def exchange_of(connection_id: str) -> str:
    """The id of the exchange that a visitor's connection carries. Raises ValueError if that cannot be one."""
    text = base64.urlsafe_b64encode(connection_id.encode()).decode("ascii").rstrip("=")
    if len(text) >= MAX_ID:
        raise ValueError(connection_id)
    return _MARK + text


def connection_of(exchange_id: str) -> str | None:
    """The visitor's connection; None for any other exchange."""
    if not exchange_id.startswith(_MARK):
        return None
    text = exchange_id[len(_MARK) :]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return None


def is_of_visitor(fields: Any) -> bool:
    """Whether a message can only be a visitor's: those of agents name their exchange."""
    return isinstance(fields, dict) and fields.get("type") in _SPOKEN and "id" not in fields


def from_visitor(fields: dict[str, Any], exchange_id: str, *, max_body: int) -> Data | End | Window:
    """What the agent gets. Raises ProtocolError for what breaks the protocol."""
    if fields["type"] == _ALIVE:
        return Window(exchange_id, 1)  # next to nothing; that it can be handed over says that there still is an agent
    body = fields.pop("body", "")
    fields.pop("z", None)
    if not isinstance(body, str):
        raise ProtocolError("malformed", "body")
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError("malformed", "body is not base64") from None
    message: Message | None = message_of({**fields, "id": exchange_id}, raw, max_body=max_body)
    if not isinstance(message, Data | End | Window):
        raise ProtocolError("malformed", "type")
    return message


def for_visitor(message: Data | End | Window | Error) -> str:
    """What the runtime gets."""
    match message:
        case Data(_, seq, body, text, more):
            fields: dict[str, Any] = {"type": "data", "seq": seq, "body": base64.b64encode(body).decode("ascii")}
            if text:
                fields["text"] = True
            if more:
                fields["more"] = True
        case End(_, seq, code, reason):
            fields = {"type": "end", "seq": seq}
            if code is not None:
                fields |= {"code": code, "reason": reason}
        case Window(_, size):
            fields = {"type": "window", "bytes": size}
        case Error(_, code):
            fields = {"type": "error", "code": code}
    return _dumps(fields)
