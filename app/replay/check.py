"""Whether an edited request can be sent at all: what would break HTTP is refused with the reason."""

from __future__ import annotations

import re

from app.domain.problems import fail
from app.domain.replay import EditedRequest

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_TARGET = re.compile(r"/[\x21-\x7e\x80-\xff]*")
_BAD_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def check(request: EditedRequest) -> None:
    """Raises HatchwayError `bad_request_edit` that names what to mend."""
    if not _TOKEN.fullmatch(request.method):
        raise fail("bad_request_edit", f"“{request.method}” is not an HTTP method", "you", "Use GET, POST …")
    if not _TARGET.fullmatch(request.target):
        raise fail(
            "bad_request_edit",
            "The target is not a path",
            "you",
            "Begin with / and write spaces and other special characters percent-encoded.",
        )
    for name, value in request.headers:
        if not _TOKEN.fullmatch(name):
            raise fail("bad_request_edit", f"“{name}” is not a header name", "you", "Use letters, digits and hyphens.")
        if _BAD_VALUE.search(value):
            raise fail(
                "bad_request_edit",
                f"The value of {name} holds a character that cannot stand in a header",
                "you",
                "Remove line breaks and characters outside latin-1.",
            )
