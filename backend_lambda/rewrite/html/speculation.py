"""Speculation rules of the app (H11): lists of URLs and URL patterns move below the prefix, selectors stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend_lambda.rewrite.html.json_text import edit_json

_ELSEWHERE = frozenset({"protocol", "hostname", "port", "baseURL", "username", "password"})


def map_speculation_rules(text: str, map_one: Callable[[str], str]) -> str | None:
    """The text for the visitor; None if it is no JSON."""

    def rule(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("urls"), list):
            value["urls"] = [map_one(url) if isinstance(url, str) else url for url in value["urls"]]
        if "where" in value:
            value["where"] = condition(value["where"])
        return value

    def condition(value: Any) -> Any:
        if isinstance(value, list):
            return [condition(part) for part in value]
        if isinstance(value, dict):
            for key in ("and", "or", "not"):
                if key in value:
                    value[key] = condition(value[key])
            if "href_matches" in value:
                value["href_matches"] = pattern(value["href_matches"])
        return value

    def pattern(value: Any) -> Any:
        if isinstance(value, str):
            return map_one(value)
        if isinstance(value, list):
            return [pattern(part) for part in value]
        if isinstance(value, dict) and isinstance(value.get("pathname"), str) and not _ELSEWHERE & value.keys():
            value["pathname"] = map_one(value["pathname"])
        return value

    def edit(value: Any) -> Any:
        if isinstance(value, dict):
            for rules in value.values():
                if isinstance(rules, list):
                    rules[:] = [rule(part) for part in rules]
        return value

    return edit_json(text, edit)
