"""JSON in the replay editor: where it is wrong, and laid out or packed without touching a value."""

from __future__ import annotations

import json
import re

from app.content.pretty import pretty_json

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def json_problem(text: str) -> str:
    """What is wrong and where (`line 3, column 5: …`); empty if it is JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        return "nested too deeply to be checked"
    except ValueError as error:  # a number of more digits than Python reads
        return str(error)
    return ""


def looks_like_json(text: str, content_type: str | None) -> bool:
    """By its type, or by how it begins."""
    return "json" in (content_type or "").lower() or text.lstrip()[:1] in ("{", "[")


def format_json(text: str) -> str:
    """Indented; numbers, escapes, order and duplicates stay. For a thread; the text must be JSON."""
    return pretty_json(text)


def minify_json(text: str) -> str:
    """Without white space between tokens; the text must be JSON."""
    return "".join(_TOKEN.findall(text))
