"""The way of a body that is rewritten: decoded, as text through its rewriter, and encoded again, piece by piece."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator

from backend_lambda.rewrite.body import TextRewriter
from backend_lambda.rewrite.charsets import Charset
from backend_lambda.rewrite.codings import Decoder, GzipEncoder
from backend_lambda.rewrite.report import Report

_log = logging.getLogger(__name__)


class Pipeline:
    """Starts with `begin`, since the beginning of a body has been looked at before.

    compress: send it as gzip; else as it is
    is_over: the charset has been closed before, so that what `begin` gets is all

    size: bytes that came out so far, as they go to the visitor
    """

    def __init__(
        self,
        rewriter: TextRewriter,
        charset: Charset,
        decoder: Decoder | None,
        report: Report,
        *,
        compress: bool,
        is_over: bool = False,
    ) -> None:
        self._rewriter: TextRewriter | None = rewriter
        self._charset = charset
        self._decoder = decoder
        self._encoder = GzipEncoder() if compress else None
        self._report = report
        self._is_over = is_over
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what came out so far, in hex. Before its coding: how that looks depends on the pieces it came in."""
        return self._digest.hexdigest()

    def begin(self, text: str, more: Iterable[bytes]) -> Iterator[bytes]:
        """text: what the charset gave already; more: decoded bytes behind it."""
        yield from self._encoded(self._charset.encode(self._rewrite(text)))
        for piece in more:
            yield from self._encoded(self._through(piece))
        yield from self._flush()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The next bytes as the app sent them. Raises BrokenCoding."""
        for piece in (data,) if self._decoder is None else self._decoder.feed(data):
            yield from self._encoded(self._through(piece))
        yield from self._flush()

    def close(self) -> Iterator[bytes]:
        """Nothing follows. Raises BrokenCoding."""
        if self._decoder is not None:
            for piece in self._decoder.close():
                yield from self._encoded(self._through(piece))
        out = "" if self._is_over else self._rewrite(self._charset.close())
        if self._rewriter is not None:
            rewriter = self._rewriter
            out += self._guarded(lambda: rewriter.close(), rewriter.pending)
        yield from self._encoded(self._charset.encode(out))
        if self._encoder is not None:
            data = self._encoder.close()
            self.size += len(data)
            yield data

    def _through(self, piece: bytes) -> bytes:
        return self._charset.encode(self._rewrite(self._charset.feed(piece)))

    def _rewrite(self, text: str) -> str:
        rewriter = self._rewriter
        if rewriter is None or not text:
            return text
        return self._guarded(lambda: rewriter.feed(text), rewriter.pending + text)

    def _guarded(self, step: Callable[[], str], untouched: str) -> str:
        """A mistake of ours must not cost the visitor the page: what is not out yet passes as it came."""
        try:
            return step()
        except Exception:
            _log.exception("rewriter failed kind=%s", type(self._rewriter).__name__)
            self._report.note("failed")
            self._rewriter = None
            return untouched

    def _encoded(self, data: bytes) -> Iterator[bytes]:
        if not data:
            return
        self._digest.update(data)
        if self._encoder is not None:
            data = self._encoder.feed(data)
        if data:
            self.size += len(data)
            yield data

    def _flush(self) -> Iterator[bytes]:
        """What has been read can go out: pages that stream must not wait for the end of a block."""
        if self._encoder is not None and (data := self._encoder.flush()):
            self.size += len(data)
            yield data
