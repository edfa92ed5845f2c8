"""The plan of one response: which layers run, its final headers, and the pipeline its body goes through.

A body that may be rewritten is held back until its beginning has shown what it is (`Opening`); only then the head is
final, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from backend_lambda.rewrite.codings import BrokenCoding, Decoder, UnknownCoding, decoder
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.facts import RequestFacts
from backend_lambda.rewrite.headers import Header, Headers
from backend_lambda.rewrite.kinds import Kind, is_script, kind_of
from backend_lambda.rewrite.loading import loader_for, strip_cookie, worker_loader
from backend_lambda.rewrite.modes import Layers
from backend_lambda.rewrite.opening import Opening
from backend_lambda.rewrite.pipeline import Pipeline
from backend_lambda.rewrite.report import Report
from backend_lambda.rewrite.representation import describe_rewritten, describe_unchanged, vary_by_destination
from backend_lambda.rewrite.response_headers import map_response_headers
from backend_lambda.rewrite.rewriters import PAGES, SCRIPTS, rewriter_for
from backend_lambda.rewrite.spa import SpaDetector

_LARGEST_WHOLE = 8 * 1024 * 1024  # bytes that may come of a body that fits in one message


class ResponsePlan:
    """Feed it the app's body, all pieces of it, and send `headers` as soon as `is_decided`, then what came out.

    kind: what the body is rewritten as, None if it passes as it is
    layers: the tunnel's, as they are after this response: a page may show that it is a single-page app
    report: what was changed, and why something was not
    given: the app's headers
    """

    def __init__(
        self, status: int, headers: Headers, context: RewriteContext, facts: RequestFacts, layers: Layers
    ) -> None:
        self.status = status
        self.headers: list[Header] = []
        self.layers = layers
        self.kind: Kind | None = None
        self.report = Report()
        self.is_decided = False
        self.given = headers
        self._context = context
        self._facts = facts
        self._own = layers.without_runtime if facts.is_off else layers  # of this response
        self._held: list[bytes] = []
        self._pipeline: Pipeline | None = None
        self._decoder: Decoder | None = None
        self._is_coded = False  # as the app sent it
        self._opening: Opening | None = None
        kind = kind_of(status, headers, facts.destination, is_page=facts.may_be_page) if self._own.markup else None
        if kind is None or (kind in SCRIPTS and not self._own.runtime) or not self._open(kind):
            self._settle(None)
        elif facts.method == "HEAD":
            self._settle("html" if kind == "unknown" else kind)

    @property
    def is_spa(self) -> bool:
        """Whether the tunnel's pages are those of a single-page app, as far as this response has shown."""
        return self.layers.strip or (
            self._opening is not None and self._opening.detector is not None and self._opening.detector.found
        )

    @property
    def path(self) -> str:
        """Where the app has it, without the query."""
        return self._facts.path

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers that ran, as in `X-Hatchway-Rewrite`."""
        if self.kind is None:
            return ("L0",)
        return self._own.names if self.kind in PAGES else ("L0", "L1")

    @property
    def size(self) -> int:
        """Bytes of the rewritten body so far; 0 if it passes as it is."""
        return 0 if self._pipeline is None else self._pipeline.size

    @property
    def sha256(self) -> str:
        """Of the rewritten body so far, before its content coding; empty if it passes as it is."""
        return "" if self._pipeline is None else self._pipeline.sha256

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes of the app's body; yields those that can be sent. Raises BrokenCoding."""
        if self._pipeline is not None:
            return self._pipeline.feed(data)
        return iter((data,)) if self.is_decided else self._hold(data, is_all=False)

    def close(self) -> Iterator[bytes]:
        """The app's body is complete; yields what was held back. Raises BrokenCoding."""
        if not self.is_decided:
            yield from self._hold(b"", is_all=True)
        if self._pipeline is not None:
            yield from self._pipeline.close()

    def whole(self, body: bytes) -> bytes:
        """The complete body at once. Never raises: one that cannot be decoded, or is a bomb, passes as it is."""
        if self.is_decided and self._pipeline is None:
            return body
        text = body
        if self._decoder is not None:
            try:
                text = _decoded(self._decoder, body)
            except BrokenCoding:
                self.report.note("content-coding")
                self._settle(None)
                return body
            self._decoder = None
        out = b"".join((*self.feed(text), *self.close()))
        return out if self.kind is not None else body

    def _open(self, kind: Kind) -> bool:
        """Prepare to look at the body; False if it cannot be read."""
        try:
            self._decoder = decoder(_value(self.given, "content-encoding"))
        except UnknownCoding:
            self.report.note("content-coding")
            return False
        self._is_coded = self._decoder is not None
        detector = SpaDetector() if self._own.may_strip and self._facts.may_be_page else None
        self._opening = Opening(kind, _value(self.given, "content-type"), self.report, detector=detector)
        return True

    def _hold(self, data: bytes, *, is_all: bool) -> Iterator[bytes]:
        """Look at the beginning until there is a verdict, then go on with what has been held back."""
        opening = self._opening
        assert opening is not None
        if data:
            self._held.append(data)
        verdict: bool | None = None
        pieces = self._decode(data)
        try:
            while verdict is None and (piece := next(pieces, None)) is not None:
                verdict = opening.look(piece, is_all=False)
            if verdict is None and is_all:
                verdict = opening.look(b"", is_all=True)
        except BrokenCoding:
            self.report.note("content-coding")
            verdict = False
        if verdict is None:
            return
        held, self._held = self._held, []
        if not verdict:
            self._settle(None)
            yield from held
            return
        self._settle(opening.kind)
        assert self._pipeline is not None
        yield from self._pipeline.begin(opening.text, pieces)
        opening.text = ""

    def _decode(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is not None:
            yield from self._decoder.feed(data)
        elif data:
            yield data

    def _settle(self, kind: Kind | None) -> None:
        """Now it is clear what happens to the body: None passes it as it is."""
        self.is_decided = True
        self.kind = kind
        self._pipeline = None
        loader: Loader | None = None
        policy_loader: Loader | None = None  # for those who get no tag
        if kind in PAGES:
            if self.is_spa and self._own.may_strip:
                self.layers = self._own = Layers(markup=True, runtime=True, strip=True)
            if self._own.runtime:
                loader = loader_for(self._context, self._facts, self.given, strip=self._own.strip)
        elif kind == "worker":
            policy_loader = worker_loader(self._context)
        elif self.status == 304 and self._own.runtime and self._facts.may_be_page:
            # Browsers may take its policy for the copy that they have, in which the runtime is.
            policy_loader = loader_for(self._context, self._facts, self.given, strip=self._own.strip)
        charset = None if self._opening is None else self._opening.charset
        if kind is not None and charset is not None:
            document = Document(
                self._context,
                self._facts.path,
                report=self.report,
                strip=self._own.strip and kind in PAGES,
                loader=loader,
            )
            self._pipeline = Pipeline(
                rewriter_for(kind, document),
                charset,
                self._decoder,
                self.report,
                compress=self._is_coded and self._facts.takes_gzip,
                is_over=self._opening is not None and self._opening.is_over,
            )
        mapped = map_response_headers(
            self.status,
            self.given,
            self._context,
            method=self._facts.method,
            body_changed=kind is not None,
            request_path=self._facts.path,
            loader=loader or policy_loader,
            report=self.report,
        )
        if kind is not None:
            compressed = self._is_coded and self._facts.takes_gzip
            mapped = describe_rewritten(mapped, self._context, self._own, compressed=compressed)
        elif self.status == 304:
            mapped = describe_unchanged(mapped, self._facts, self._context, self._own)
        if self._own.runtime and (kind in SCRIPTS or (kind is None and is_script(self.given))):
            mapped = vary_by_destination(mapped)
        if self._own.strip and loader is not None:
            mapped.append(("Set-Cookie", strip_cookie(secure=self._context.site.secure)))
        mapped.append(("X-Hatchway-Rewrite", ", ".join(self.layer_names)))
        self.headers = mapped


def plan_response(
    status: int, headers: Headers, context: RewriteContext, facts: RequestFacts, layers: Layers
) -> ResponsePlan:
    """Decide what happens to a response. Never raises.

    layers: those of the tunnel in the place where it was asked for; none but L0 on a host of its own
    """
    return ResponsePlan(status, headers, context, facts, layers)


def _decoded(decoder: Decoder, body: bytes) -> bytes:
    """Raises BrokenCoding, also for more than anybody sends in one message."""
    out: list[bytes] = []
    size = 0
    for piece in chain(decoder.feed(body), decoder.close()):
        out.append(piece)
        size += len(piece)
        if size > _LARGEST_WHOLE:
            raise BrokenCoding("decompression bomb")
    return b"".join(out)


def _value(headers: Headers, name: str) -> str:
    """All values of that field as one list (RFC 9110, section 5.3)."""
    return ", ".join(value for key, value in headers if key.lower() == name)
