"""Forms as the `params` of a HAR file and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.content.multipart import boundary_of, parts_of
from app.interchange.har_format import Param

FORM = "application/x-www-form-urlencoded"


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query or a form, decoded, in order; none if there are more than anybody means."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        return []


def to_params(data: bytes, text: str | None, content_type: str) -> list[dict[str, Any]]:
    """Of a form's body (`text` if it is one); a binary file has a name and no value. Empty for other bodies."""
    media = content_type.partition(";")[0].strip().lower()
    if media == FORM and text is not None:
        return [{"name": name, "value": value} for name, value in query_pairs(text)]
    if media != "multipart/form-data":
        return []
    params = []
    for part in parts_of(data, boundary_of(content_type)):
        param: dict[str, Any] = {"name": part.name}
        if part.file_name:
            param["fileName"] = part.file_name
        if part.content_type:
            param["contentType"] = part.content_type
        try:
            param["value"] = part.data.decode("utf-8")
        except UnicodeDecodeError:
            param["comment"] = f"{len(part.data)} bytes that are no text"
        params.append(param)
    return params


def to_form(params: Sequence[Param], content_type: str) -> bytes:
    """A body for a form of which the file holds only the parameters; empty if it does not hold enough."""
    media = content_type.partition(";")[0].strip().lower()
    if media == FORM:
        return urlencode([(param.name, _value(param)) for param in params]).encode()
    boundary = boundary_of(content_type)
    if media != "multipart/form-data" or not boundary or any(param.value is None for param in params):
        return b""
    lines = []
    for param in params:
        name = f'Content-Disposition: form-data; name="{_quoted(param.name)}"'
        file_name = "" if param.file_name is None else f'; filename="{_quoted(param.file_name)}"'
        kind = f"\r\nContent-Type: {param.content_type}" if param.content_type else ""
        lines.append(f"--{boundary.decode('latin-1')}\r\n{name}{file_name}{kind}\r\n\r\n{_value(param)}\r\n")
    return ("".join(lines) + f"--{boundary.decode('latin-1')}--\r\n").encode("utf-8", "surrogatepass")


def _value(param: Param) -> str:
    return "" if param.value is None else str(param.value)


def _quoted(name: str) -> str:
    # As browsers write it (HTML, multipart form data).
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
