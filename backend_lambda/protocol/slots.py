"""Replies in envelopes, for backends where nobody listens to them: API Gateway writes each into a table.

`{"type":"reply","slot":"…","m":"…","body":"…"}`. The gateway's template can only copy whole fields, so the place in the
table (`slot`) and the message without its body (`m`, JSON text) come ready-made, and `body` is the base64 of the bytes
to store. The table's other key is the connection, which no agent can choose: it answers for itself only.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from backend_lambda.protocol.codec import deflated, message_of
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.fields import ENCODERS
from backend_lambda.protocol.messages import AgentMessage, Data, End, Error, Message, Response

_DIGITS: Final = 6
_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def slot_of(request_id: str, seq: int | None = None, *, is_end: bool = False) -> str:
    """Where the head of a reply (None), its data number `seq`, or its end after so many data is found. They sort in
    this order, and an end never takes the place of data, whatever an agent makes of the numbers."""
    return request_id if seq is None else f"{request_id}#{seq:0{_DIGITS}d}{'e' if is_end else ''}"


class SlotWriter:
    """The agent's side, one for each connection: it knows which replies have begun."""

    def __init__(self) -> None:
        self._begun: dict[str, int] = {}  # request id → number of the next message
        self._sockets: set[str] = set()  # request ids of accepted WebSockets
        self.row = 0  # bytes of slot, message and body of the newest envelope, as they are stored

    def wrap(self, message: AgentMessage) -> str | None:
        """The envelope; None for a message that is for the backend itself (hello, ping, goodbye, window), or for a
        visitor's WebSocket."""
        if not isinstance(message, Response | Data | End | Error) or not message.id or self._is_of_socket(message):
            return None
        fields = ENCODERS[type(message)](message)
        body = b""
        if isinstance(message, Response | Data) and message.body:
            body, is_deflated = deflated(message.body)
            if is_deflated:
                fields["z"] = True
        envelope = {
            "type": "reply",
            "slot": self._slot(message),
            "m": _dumps(fields),
            "body": base64.b64encode(body).decode("ascii"),
        }
        self.row = len(envelope["slot"]) + len(envelope["m"]) + len(body)
        return _dumps(envelope)

    def _is_of_socket(self, message: Response | Data | End | Error) -> bool:
        """Whether it belongs to an open WebSocket: nobody looks for that in a table, the backend hands it on."""
        if isinstance(message, Response):
            if message.status == 101 and not message.end:
                self._sockets.add(message.id)
            return False
        if message.id not in self._sockets:
            return False
        if not isinstance(message, Data):
            self._sockets.discard(message.id)
        return True

    def _slot(self, message: Response | Data | End | Error) -> str:
        if isinstance(message, Response):
            if not message.end:
                self._begun[message.id] = 0
            return slot_of(message.id)
        if isinstance(message, Data):
            self._begun[message.id] = message.seq + 1
            return slot_of(message.id, message.seq)
        begun = self._begun.pop(message.id, None)
        if isinstance(message, End):
            return slot_of(message.id, message.seq, is_end=True)
        return slot_of(message.id, begun, is_end=True)


def open_envelope(m: str, body: bytes, *, max_body: int) -> Message | None:
    """The message of a row: its `m` and the bytes of its `body`. Raises ProtocolError as `decode` does."""
    try:
        fields: Any = json.loads(m)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("malformed", f"not JSON ({type(error).__name__})") from None
    return message_of(fields, body, max_body=max_body)
