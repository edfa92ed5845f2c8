"""A request being edited before it is sent again; what is not edited stays byte-exact."""

from __future__ import annotations

import re

from app.domain.exchange import Exchange, Headers
from app.domain.problems import HatchwayError, Problem
from app.domain.replay import EditedRequest
from app.replay.check import check
from app.viewmodels.exchange_cells import format_size

EDITABLE_BYTES = 512 * 1024
EDITABLE_LINE = 50_000

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ReplayDraft:
    """The user's version of a captured request. Build it from an exchange that was loaded with its bodies.

    body_text: the body as the editor shows it; None if it cannot be edited as text without changing other bytes
    """

    def __init__(self, original: Exchange) -> None:
        self.original = original
        self.reset()

    method: str
    target: str
    headers: list[tuple[str, str]]
    body_text: str | None

    def reset(self) -> None:
        """Back to the captured request."""
        self.method = self.original.method
        self.target = self.original.target
        self.headers = list(self.original.request_headers)
        self._original_text = _editable_text(self.original)
        self.body_text = self._original_text

    @property
    def body_note(self) -> str:
        """What the user should know about the body; empty if there is nothing to say."""
        body = self.original.request_body
        if body.truncated:
            return (
                f"Only the first {format_size(body.kept)} of {format_size(body.size)} were captured; "
                "a replay would send a cut body."
            )
        if self._original_text is not None:
            return ""
        coding = self.original.request_header("content-encoding")
        what = f"{coding}-encoded" if coding else "binary or too large to edit here"
        replaced = self.body_text is not None
        kept = f"{format_size(body.size)}, {what}"
        if replaced and coding:
            return f"Replaces the captured body ({kept}). Remove Content-Encoding if the new one is plain text."
        return f"Replaces the captured body ({kept})." if replaced else f"The body ({kept}) is sent exactly as it came."

    @property
    def changes_data(self) -> bool:
        """Whether the method usually changes something."""
        return self.method.upper() in _CHANGING

    @property
    def edited(self) -> bool:
        """Whether anything differs from the captured request."""
        return (
            self.method != self.original.method
            or self.target != self.original.target
            or tuple(self.headers) != self.original.request_headers
            or self.body_text != self._original_text
        )

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        if self.body_text is None or self.body_text == self._original_text:
            return self.original.request_body.data
        text = self.body_text
        if self._original_text is not None and b"\r\n" in self.original.request_body.data:
            text = text.replace("\n", "\r\n")
        return text.encode("utf-8")

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
        body = self.body
        return EditedRequest(self.method, self.target, _with_length(tuple(self.headers), len(body)), body)


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


def _editable_text(exchange: Exchange) -> str | None:
    """The body as text with LF line ends, if a text widget gives back exactly the same bytes."""
    body = exchange.request_body
    data = body.data
    if body.truncated or len(data) > EDITABLE_BYTES or exchange.request_header("content-encoding"):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        unix = text.replace("\r\n", "\n")
        if "\r" in unix or unix.replace("\n", "\r\n") != text:
            return None  # mixed or lone line ends would not survive
        text = unix
    # Qt uses these characters for itself: paragraph, line and frame separators, object replacement.
    if re.search("[\0\u2028\u2029\ufdd0\ufdd1\ufffc]", text):
        return None
    return None if any(len(line) > EDITABLE_LINE for line in text.split("\n")) else text
