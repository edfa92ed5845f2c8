"""A request being edited before it is sent again; what is not edited stays byte-exact."""

from __future__ import annotations

from dataclasses import replace

from app.content.multipart import boundary_of
from app.content.multipart_edit import Layout, layout_of
from app.domain.exchange import Exchange, Headers
from app.domain.problems import HatchwayError, Problem
from app.domain.replay import EditedRequest
from app.domain.upstream import parse_upstream
from app.replay.check import check
from app.replay.sender import addressed
from app.viewmodels.exact_text import exact_bytes, exact_text
from app.viewmodels.exchange_cells import format_size

PARTS_BYTES = 8 * 1024 * 1024
"""Multipart bodies up to this size are taken apart for editing; what is larger would be felt at every key."""

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ReplayDraft:
    """The user's version of a captured request. Build it from an exchange that was loaded with its bodies.

    body: the bytes to send
    """

    def __init__(self, original: Exchange) -> None:
        self.original = original
        self._taken_apart: tuple[str, bytes, Layout | None] | None = None
        self.reset()

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def reset(self) -> None:
        """Back to the captured request."""
        self.method = self.original.method
        self.target = self.original.target
        self.headers = list(self.original.request_headers)
        self.body = self.original.request_body.data
        self._text = self._original_text = self._exact_text(self.body)
        self._crlf = self._text is not None and b"\r\n" in self.body
        self._in_parts = False

    def take(self, attempt: Exchange) -> None:
        """Go on from what an attempt sent, loaded with its body; its service's names become the original's."""
        sent = EditedRequest(attempt.method, attempt.target, attempt.request_headers, attempt.request_body.data)
        if attempt.upstream != self.original.upstream:
            sent = addressed(sent, parse_upstream(attempt.upstream), parse_upstream(self.original.upstream))
            sent = replace(sent, headers=_with_host(sent.headers, self.original.request_header("host")))
        self.method, self.target, self.headers = sent.method, sent.target, list(sent.headers)
        self.set_body(sent.body)

    @property
    def body_text(self) -> str | None:
        """As the editor shows it; None if it cannot be edited as text without changing other bytes."""
        return self._text

    @body_text.setter
    def body_text(self, text: str | None) -> None:
        self._text = text
        self._in_parts = False
        if text is None or text == self._original_text:
            self.body = self.original.request_body.data
        else:
            self.body = exact_bytes(text, crlf=self._crlf)

    def set_body(self, body: bytes) -> None:
        """Byte by byte, as the table of parts writes it."""
        self.body = body
        self._text = self._exact_text(body)
        self._crlf = self._text is not None and b"\r\n" in body
        self._in_parts = body != self.original.request_body.data

    @property
    def content_type(self) -> str | None:
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)

    def layout(self) -> Layout | None:
        """The parts of a multipart body; None if it is none, not whole, or very large."""
        kind = self.content_type or ""
        if self._taken_apart is None or self._taken_apart[:2] != (kind, self.body):
            self._taken_apart = kind, self.body, self._layout(kind)
        return self._taken_apart[2]

    @property
    def body_note(self) -> str:
        """What the user should know about the body; empty if there is nothing to say."""
        body = self.original.request_body
        if body.truncated:
            return (
                f"Only the first {format_size(body.kept)} of {format_size(body.size)} were captured; "
                "a replay would send a cut body."
            )
        if self._original_text is not None or self._in_parts:
            return ""
        coding = self.original.request_header("content-encoding")
        what = f"{coding}-encoded" if coding else "binary or too large to edit here"
        replaced = self.body != body.data
        kept = f"{format_size(body.size)}, {what}"
        if replaced and coding:
            return f"Replaces the captured body ({kept}). Remove Content-Encoding if the new one is plain text."
        return f"Replaces the captured body ({kept})." if replaced else f"The body ({kept}) is sent exactly as it came."

    @property
    def changes_data(self) -> bool:
        """Whether the method usually changes something."""
        return changes_data(self.method)

    @property
    def edited(self) -> bool:
        """Whether anything differs from the captured request."""
        return (
            self.method != self.original.method
            or self.target != self.original.target
            or tuple(self.headers) != self.original.request_headers
            or self.body != self.original.request_body.data
        )

    def problem(self) -> Problem | None:
        """Why it cannot be sent as it stands, or None."""
        try:
            check(EditedRequest(self.method, self.target, tuple(self.headers), b""))
        except HatchwayError as error:
            return error.problem
        return None

    def request(self) -> EditedRequest | None:
        """What to give to `Workspace.replay`: None if nothing was edited, so that the capture itself is sent."""
        if not self.edited:
            return None
        headers = _with_length(tuple(self.headers), len(self.body))
        return EditedRequest(self.method, self.target, headers, self.body)

    def _layout(self, content_type: str) -> Layout | None:
        if self.original.request_body.truncated or len(self.body) > PARTS_BYTES:
            return None
        is_multipart = content_type.lstrip().lower().startswith("multipart/")
        return layout_of(self.body, boundary_of(content_type)) if is_multipart else None

    def _exact_text(self, body: bytes) -> str | None:
        captured = self.original.request_body
        return None if captured.truncated or self.original.request_header("content-encoding") else exact_text(body)


def changes_data(method: str) -> bool:
    """Whether it usually changes something."""
    return method.upper() in _CHANGING


def _with_length(headers: Headers, length: int) -> Headers:
    """Content-Length made true, in its old place; chunked framing of the capture is replaced by it."""
    kept: list[tuple[str, str]] = []
    written = False
    for name, value in headers:
        match name.lower():
            case "content-length" | "transfer-encoding" if not written:
                written = True
                kept.append((name if name.lower() == "content-length" else "Content-Length", str(length)))
            case "content-length" | "transfer-encoding":
                continue
            case _:
                kept.append((name, value))
    if not written and length:
        kept.append(("Content-Length", str(length)))
    return tuple(kept)


def _with_host(headers: Headers, host: str | None) -> Headers:
    """With that Host, in the place of theirs."""
    return tuple((name, host if name.lower() == "host" and host is not None else value) for name, value in headers)
