"""`$input`, `$context` and `$util` of mapping templates."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote, unquote

_step = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def json_path(document: Any, path: str) -> Any:
    """`$`, `.name`, `[0]`, `['name']`; None for what is not there. Raises ValueError for other paths."""
    if not path.startswith("$"):
        raise ValueError(f"no JSON path: {path}")
    at, value = 1, document
    while at < len(path):
        match = _step.match(path, at)
        if not match:
            raise ValueError(f"no JSON path: {path}")
        at = match.end()
        name = next((match[group] for group in (1, 3, 4) if match[group] is not None), None)
        if name is not None:
            value = value.get(name) if isinstance(value, dict) else None
        else:
            index = int(match[2])
            value = value[index] if isinstance(value, list) and index < len(value) else None
    return value


class Input:
    """`$input` of a message; its methods have the names that templates use."""

    def __init__(self, body: str) -> None:
        self.vtl_body = body
        try:
            self._document: Any = json.loads(body)
        except ValueError:
            self._document = None

    def json(self, path: str) -> str:
        """The value as JSON text, complete with its quotes; `""` for what is not there."""
        value = json_path(self._document, path)
        return '""' if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def path(self, path: str) -> Any:
        """The value itself; empty for what is not there."""
        value = json_path(self._document, path)
        return "" if value is None else value

    def params(self, name: str | None = None) -> Any:
        """Messages have neither headers nor a query."""
        return {} if name is None else ""


class Util:
    """`$util`: it has neither `time` nor `dateTime`, which are AppSync's."""

    def escapeJavaScript(self, text: Any) -> str:
        """As Java's escapeEcmaScript: `'` and `/` too, so it is no JSON as it is."""
        escaped = json.dumps(str(text))[1:-1]
        return escaped.replace("'", "\\'").replace("/", "\\/")

    def parseJson(self, text: str) -> Any:
        return json.loads(text)

    def urlEncode(self, text: str) -> str:
        return quote(text, safe="")

    def urlDecode(self, text: str) -> str:
        return unquote(text)

    def base64Encode(self, text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    def base64Decode(self, text: str) -> str:
        return base64.b64decode(text).decode("utf-8", "replace")


class Blanks(dict[str, Any]):
    """`$context` and its parts: what is not there is empty, not left standing as text."""

    def __missing__(self, key: str) -> str:
        return ""

    def get(self, key: str, default: Any = None) -> Any:
        value = self[key]
        return Blanks(value) if isinstance(value, dict) else value


def variables(body: str, context: dict[str, Any]) -> dict[str, Any]:
    """All that a template of a WebSocket route can refer to."""
    return {"input": Input(body), "context": Blanks(context), "util": Util(), "stageVariables": Blanks()}
