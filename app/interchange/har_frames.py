"""Messages of WebSockets and event streams as `_webSocketMessages`, which Chrome, mitmproxy and Playwright write."""

from __future__ import annotations

import base64
from typing import Any

from app.domain.frame import Direction, Frame, FrameKind

_KINDS = {"visitor": "send", "upstream": "receive"}
_OPCODES = {"text": 1, "binary": 2, "close": 8, "event": 1}


def to_message(frame: Frame) -> dict[str, Any]:
    """As Chrome writes it; what it does not write has names of our own (`_kind`, `_code`, `_size`)."""
    text = frame.kind != "binary"
    message: dict[str, Any] = {
        "type": _KINDS[frame.direction],
        "time": frame.time_ns / 1e9,
        "opcode": _OPCODES[frame.kind],
        "data": frame.data.decode("utf-8", "replace") if text else base64.b64encode(frame.data).decode(),
    }
    if frame.kind == "event":
        message["_kind"] = "event"
    if frame.code is not None:
        message["_code"] = frame.code
    if frame.truncated:
        message["_size"] = frame.size
    return message


def to_frames(messages: list[dict[str, Any]]) -> list[Frame]:
    """The messages of a file, in its order. Raises ValueError: one is no base64."""
    return [_frame(number, message) for number, message in enumerate(messages)]


def _frame(number: int, message: dict[str, Any]) -> Frame:
    text, opcode = message.get("data"), message.get("opcode", 1)
    text = text if isinstance(text, str) else ""
    kind: FrameKind = "binary" if opcode == 2 else "close" if opcode == 8 else "text"
    if message.get("_kind") == "event":
        kind = "event"
    data = base64.b64decode(text) if kind == "binary" else text.encode("utf-8", "surrogatepass")
    direction: Direction = "visitor" if message.get("type") in ("send", "request") else "upstream"
    moment = message.get("time", 0)
    seconds = moment if isinstance(moment, int | float) and 0 <= moment < 1e14 else 0
    # Chrome and mitmproxy count seconds, Playwright milliseconds.
    time_ns = round(seconds * (1e9 if seconds < 1e11 else 1e6))
    size, code = message.get("_size"), message.get("_code")
    size = max(len(data), size) if isinstance(size, int) and size < 1 << 60 else len(data)
    return Frame(number, direction, kind, time_ns, data, size, code if isinstance(code, int) else None)
