"""The beginning of a body, held back until it is clear whether, and as what, it is rewritten."""

from __future__ import annotations

from backend_lambda.rewrite.charsets import Charset
from backend_lambda.rewrite.kinds import Kind
from backend_lambda.rewrite.report import Report
from backend_lambda.rewrite.sniff import SIGNATURE, is_binary, is_html, may_become_html
from backend_lambda.rewrite.spa import SpaDetector

_MOST_HELD = 64 * 1024  # bytes; by then a page has shown what it is


class Opening:
    """Feed it the decoded body until `look` says what to do.

    kind: as declared; becomes "html" where the first bytes show what "unknown" is
    text: what has come so far, as the rewriter takes it, once the verdict is True
    charset: the view through which the rest comes, once the verdict is True
    is_over: the charset has given all it has: the body was complete before its encoding was known
    detector: looks for the shell of a single-page app in a page whose tunnel may turn out to be one; else None
    """

    def __init__(self, kind: Kind, content_type: str, report: Report, *, detector: SpaDetector | None) -> None:
        self.kind = kind
        self.text = ""
        self.charset: Charset | None = None
        self.is_over = False
        self.detector = detector
        self._content_type = content_type
        self._report = report
        self._first: bytes | None = b""
        self._size = 0
        self._is_start = True

    def look(self, data: bytes, *, is_all: bool) -> bool | None:
        """True: rewrite it; False: it passes as it is; None: more has to come first.

        is_all: the body is complete
        """
        self._size += len(data)
        if self._first is not None:
            self._first += data
            verdict = self._begin(self._first, is_all=is_all)
            if not verdict:
                return verdict
            data, self._first = self._first, None
        charset = self.charset
        assert charset is not None
        new = charset.feed(data)
        if self._is_start and not charset.is_wide and is_binary(data):
            self._report.note("binary")
            return False
        self._is_start = False
        if is_all and not charset.is_decided:
            new = charset.close()
            self.is_over = True
        if charset.is_opaque:
            self._report.note("charset")
            return False
        self.text += new
        if not charset.is_decided:
            return None
        if self.detector is None or self.kind != "html":
            return True
        shows = self.detector.feed(new, is_all=is_all)
        return True if shows is not None or is_all or self._size >= _MOST_HELD else None

    def _begin(self, first: bytes, *, is_all: bool) -> bool | None:
        """Look at the first bytes; True as soon as the charset's view can be opened."""
        if self.kind == "unknown":
            if is_html(first):
                self.kind = "html"
            elif is_all or not may_become_html(first):
                return False
            else:
                return None
        elif len(first) < SIGNATURE and not is_all:
            return None
        elif not first:
            return False
        self.charset = Charset(self.kind, self._content_type)
        return True
