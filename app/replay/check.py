"""Whether an edited request can be sent at all: what would break HTTP is refused with the reason."""

from __future__ import annotations

from app.domain.problems import fail
from app.domain.replay import EditedRequest
from backend_lambda.protocol.heads import is_method, is_sendable, is_target


def check(request: EditedRequest) -> None:
    """Raises HatchwayError `bad_request_edit` that names what to mend."""
    if not is_method(request.method):
        raise fail("bad_request_edit", f"“{request.method}” is not an HTTP method", "you", "Use GET, POST …")
    if not is_target(request.target):
        raise fail(
            "bad_request_edit",
            "The target is not a path",
            "you",
            "Begin with / and write spaces and other special characters percent-encoded.",
        )
    for name, value in request.headers:
        if not is_sendable([(name, "")]):
            raise fail("bad_request_edit", f"“{name}” is not a header name", "you", "Use letters, digits and hyphens.")
        if not is_sendable([(name, value)]):
            raise fail(
                "bad_request_edit",
                f"The value of {name} holds a character that cannot stand in a header",
                "you",
                "Remove line breaks and characters outside latin-1.",
            )
