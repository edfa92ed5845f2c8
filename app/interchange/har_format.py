"""What is read of a HAR file. Everything that other programs leave out or set to null may be missing."""

from __future__ import annotations

from typing import Any

import msgspec


class Pair(msgspec.Struct, rename={"raw": "_bytes"}):
    """A header or a cookie; raw: the value in base64, if we wrote one that is no UTF-8."""

    name: str = ""
    value: str | int | float | None = ""
    raw: str | None = None


class Param(msgspec.Struct, rename={"file_name": "fileName", "content_type": "contentType"}):
    """A parameter of a form; one of a file may have no value."""

    name: str = ""
    value: str | int | float | None = None
    file_name: str | None = None
    content_type: str | None = None


class PostData(msgspec.Struct, rename={"mime_type": "mimeType", "our_encoding": "_encoding"}):
    """The body of a request."""

    mime_type: str | None = ""
    text: str | None = None
    params: list[Param] | None = None
    encoding: str | None = None
    our_encoding: str | None = None


class Request(
    msgspec.Struct,
    rename={"post_data": "postData", "version": "httpVersion", "head_size": "headersSize", "body_size": "bodySize"},
):
    """What was asked."""

    method: str
    url: str
    version: str | None = ""
    headers: list[Pair] = []
    cookies: list[Pair] | None = None
    post_data: PostData | None = None
    head_size: float | None = -1
    body_size: float | None = -1


class Content(msgspec.Struct, rename={"mime_type": "mimeType"}):
    """The body of an answer."""

    size: float | None = 0
    mime_type: str | None = ""
    text: str | None = None
    encoding: str | None = None


class Response(
    msgspec.Struct,
    rename={"status_text": "statusText", "version": "httpVersion", "head_size": "headersSize",
            "body_size": "bodySize", "error": "_error"},
):  # fmt: skip
    """What was answered."""

    status: float = 0
    status_text: str | None = ""
    version: str | None = ""
    headers: list[Pair] = []
    content: Content = msgspec.field(default_factory=Content)
    head_size: float | None = -1
    body_size: float | None = -1
    error: Any = None


class Entry(
    msgspec.Struct,
    rename={"started": "startedDateTime", "server": "serverIPAddress", "resource_type": "_resourceType",
            "messages": "_webSocketMessages", "own": "_hatchway"},
):  # fmt: skip
    """One exchange; `own` is what only we write."""

    request: Request
    started: str = ""
    time: float | None = 0
    response: Response = msgspec.field(default_factory=Response)
    cache: dict[str, Any] | None = None
    timings: dict[str, Any] | None = None
    server: str | None = ""
    connection: str | int | None = ""
    comment: str | None = ""
    resource_type: str | None = None
    messages: list[dict[str, Any]] | None = None
    own: dict[str, Any] | None = None


class Log(msgspec.Struct):
    """The file's content; entries are decoded one by one, so that a bad one can be named."""

    entries: list[msgspec.Raw]


class File(msgspec.Struct):
    """A HAR file."""

    log: Log


class LooseLog(msgspec.Struct):
    """As `Log`, with entries that were decoded already."""

    entries: list[Any]


class LooseFile(msgspec.Struct):
    """As `File`."""

    log: LooseLog
