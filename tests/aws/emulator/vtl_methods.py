"""The Java methods that mapping templates may call on strings, lists and maps."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

_text: dict[str, Callable[..., Any]] = {
    "length": len,
    "isEmpty": lambda text: not text,
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "equals": operator.eq,
    "substring": lambda text, start, end=None: text[start:end],
    "replace": lambda text, old, new: text.replace(old, new),
    "replaceAll": lambda text, pattern, new: re.sub(pattern, lambda match: new, text),
    "split": lambda text, pattern: re.split(pattern, text),
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "trim": str.strip,
    "toString": str,
}
_list: dict[str, Callable[..., Any]] = {
    "size": len,
    "isEmpty": lambda elements: not elements,
    "get": lambda elements, index: elements[index],
    "contains": lambda elements, element: element in elements,
}
_map: dict[str, Callable[..., Any]] = {
    "get": lambda entries, key: entries.get(key),
    "containsKey": lambda entries, key: key in entries,
    "keySet": list,
    "size": len,
    "isEmpty": lambda entries: not entries,
}


def call(owner: Any, name: str, arguments: list[Any]) -> Any:
    """The result; None for a method that the value does not have."""
    methods = _text if isinstance(owner, str) else _list if isinstance(owner, list) else None
    if isinstance(owner, dict):
        methods = _map
    if methods is not None:
        return methods[name](owner, *arguments) if name in methods else None
    method = None if name.startswith("_") else getattr(owner, name, None)
    return method(*arguments) if method is not None else None
