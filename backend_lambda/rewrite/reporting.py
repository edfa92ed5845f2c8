"""Where browsers send their reports to: `Reporting-Endpoints`, its predecessor `Report-To`, and `NEL` (RH15)."""

from __future__ import annotations

import json
import re

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.embedded_urls import MapOne

# RFC 9651: a key at the beginning of a member, then a string; other strings belong to parameters. An unterminated
# string takes the rest.
_ENDPOINT = re.compile(r"((?:^|,)[ \t]*+[a-z*][a-z0-9_.*-]*+=)?\"([^\"\\]*+(?:\\.[^\"\\]*+)*+)(?:\"|$)", re.DOTALL)
# A string of JSON, perhaps the value of a member `url`.
_URL_MEMBER = re.compile(r"(\"url\"[ \t\r\n]*+:[ \t\r\n]*+)?(\"[^\"\\]*+(?:\\.[^\"\\]*+)*+(?:\"|$))", re.DOTALL)


def map_reporting_endpoints(value: str, map_one: MapOne) -> str:
    """Map the URL of every endpoint in `name="/r", other="https://…"` (Reporting API, section 3.2)."""

    def replace(match: re.Match[str]) -> str:
        key, url = match.groups()
        if key is None or not url or "\\" in url:
            return match[0]
        return f'{key}"{map_one(url)}{match[0][len(key) + 1 + len(url) :]}'

    return _ENDPOINT.sub(replace, value)


def map_report_to(value: str, map_one: MapOne) -> str:
    """Map the `url` of every endpoint in a list of JSON objects; what is no such list stays as it is."""
    try:
        groups = json.loads(f"[{value}]")
    except (ValueError, RecursionError):
        return value
    if not all(isinstance(group, dict) for group in groups):
        return value

    def replace(match: re.Match[str]) -> str:
        key, text = match.groups()
        if key is None:
            return match[0]
        url = json.loads(text)
        mapped = map_one(url)
        return match[0] if mapped == url else key + json.dumps(mapped, ensure_ascii=False)

    return _URL_MEMBER.sub(replace, value)


def map_nel(value: str, context: RewriteContext) -> str | None:
    """`NEL` holds no URL, but it binds the whole origin: below a prefix the app would get reports about every tunnel's
    pages, so it goes; on a host of its own it is the app's right.
    """
    return None if context.prefix else value
