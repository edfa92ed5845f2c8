"""A function that does nothing, to compare with."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An empty answer."""
    del event, context
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "ok", "isBase64Encoded": False}
