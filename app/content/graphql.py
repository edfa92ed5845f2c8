"""Recognises GraphQL over HTTP in JSON (GraphQL-over-HTTP, section 5.4), alone or batched, and lays it out to read."""

from __future__ import annotations

import json
import re
from typing import Any

_OPERATION = re.compile(r"^\s*(?:#[^\n]*\n\s*)*(query|mutation|subscription)\b[ \t]*([_A-Za-z]\w*)?")
_QUERY = re.compile(r"^\s*(?:#[^\n]*\n\s*)*(?:\{|(?:query|mutation|subscription|fragment)\b)")
_TOKEN = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}()]|[^\s{}()"#]+|\s+|.', re.DOTALL)


def graphql_text(value: Any) -> str | None:
    """Operation, query and variables of each request as text; None if the JSON value is no GraphQL request."""
    requests = value if isinstance(value, list) else [value]
    if not requests or not all(map(_is_request, requests)):
        return None
    return "\n\n".join(map(_request_text, requests))


def operation_of(request: Any) -> str:
    """`mutation Pay`; for a query without a name `query`."""
    found = _OPERATION.match(request["query"])
    kind = found[1] if found else "query"
    name = request.get("operationName") or (found[2] if found else "") or ""
    return f"{kind} {name}".rstrip()


def pretty_query(query: str) -> str:
    """One field a line. Only if it came without line breaks: whoever wrote it in lines meant them."""
    query = query.strip()
    if "\n" in query:
        return query
    out: list[str] = []
    depth = parens = 0
    before = last = ""
    for token in (match[0] for match in _TOKEN.finditer(query)):
        if token.isspace():
            continue
        if token == "}" and not parens:
            depth = max(0, depth - 1)
            out.append(_line(depth) + "}")
        elif token == "{" and not parens:
            out.append(" {" if out else "{")
            depth += 1
        elif not out or token in "()" or last == "(":
            out.append(token if last not in ("{", "}") or not out or parens else _line(depth) + token)
        else:
            # Arguments, aliases and type conditions stay in their line; the next field gets one of its own.
            joined = (
                parens or last == "..." or (before, last) == ("...", "on") or last.endswith(":") or token[0] in "@:"
            )
            joined = joined or (depth == 0 and last != "}")
            out.append((" " if joined else _line(depth)) + token)
        parens = max(0, parens + (token == "(") - (token == ")"))
        before, last = last, token
    return "".join(out)


def _is_request(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        return False
    return _QUERY.match(value["query"]) is not None and isinstance(value.get("variables"), dict | None)


def _request_text(request: Any) -> str:
    lines = [f"# {operation_of(request)}", pretty_query(request["query"])]
    if request.get("variables"):
        lines += ["", "# variables", json.dumps(request["variables"], indent=2, ensure_ascii=False)]
    if request.get("extensions"):
        lines += ["", "# extensions", json.dumps(request["extensions"], indent=2, ensure_ascii=False)]
    return "\n".join(lines)


def _line(depth: int) -> str:
    return "\n" + "  " * depth
