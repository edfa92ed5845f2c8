"""`Redactor`: exchanges without their secrets."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace

from app.content.charset import as_utf8, declared_charset
from app.content.codings import decode_body
from app.domain.exchange import Body, Delivered, Exchange, Headers, VisitorRequest
from app.domain.frame import Frame
from app.redaction import names, shapes
from app.redaction.placeholders import Placeholders
from app.redaction.texts import Texts

_SCHEME = re.compile(r"([A-Za-z][\w-]*) (.+)", re.DOTALL)
_COOKIE = re.compile(r"([^=;\s]+)=(\"[^\"]*\"|[^;]*)")
_BOUNDARY = re.compile(r"boundary=\"?([^\";,]+)", re.IGNORECASE)


class Redactor:
    """One export: the same secret gets the same placeholder in all its exchanges.

    Only what is found changes. A body in which something was found is kept without its content coding; one that is cut
    off or broken is searched as far as it goes.

    remembered: how many of the latest secrets are looked for in what has no name beside them; fewer are quicker
    """

    def __init__(self, *, remembered: int = 2_000) -> None:
        self._placeholders = Placeholders(remembered)
        self._texts = Texts(self._placeholders)

    def exchange(self, exchange: Exchange) -> Exchange:
        """A copy that may leave this computer."""
        request_headers = self.headers(exchange.request_headers)
        response_headers = self.headers(exchange.response_headers)
        request_body, request_headers = self._body(exchange.request_body, exchange.request_headers, request_headers)
        response_body, response_headers = self._body(
            exchange.response_body, exchange.response_headers, response_headers
        )
        target, url = self._texts.query(exchange.target), self._texts.query(exchange.public_url)
        clean = exchange
        if (
            (request_body, response_body) != (exchange.request_body, exchange.response_body)
            or (request_headers, response_headers) != (exchange.request_headers, exchange.response_headers)
            or (target, url) != (exchange.target, exchange.public_url)
            or exchange.note
            or exchange.visitor_request is not None
            or exchange.delivered is not None
        ):
            clean = replace(
                exchange,
                target=target,
                public_url=url,
                request_headers=request_headers,
                response_headers=response_headers,
                request_body=request_body,
                response_body=response_body,
                note=self._texts.assignments(exchange.note),
                visitor_request=self._visitor_request(exchange.visitor_request),
                delivered=self._delivered(exchange.delivered),
            )
        return self._without_known(clean)

    def frame(self, frame: Frame) -> Frame:
        """A message that may leave."""
        data = self._bytes(frame.data, "application/json" if frame.data[:1] in b"{[" else "text/plain")
        return frame if data == frame.data else replace(frame, data=data)

    def headers(self, headers: Headers) -> Headers:
        """Names and order stay."""
        free = shapes.possible("\n".join([value for _, value in headers]))
        if not free and not any([names.is_secret_header(name) for name, _ in headers]):
            return headers
        return tuple([
            (name, self._header(name, value)) if free or names.is_secret_header(name) else (name, value)
            for name, value in headers
        ])  # fmt: skip

    @property
    def found(self) -> dict[str, int]:
        """Kind (`authorization`, `password`) → how many different secrets of it there were so far."""
        return self._placeholders.counts

    def text(self, text: str) -> str:
        """Any text: secrets known by their looks or from before."""
        clean = self._texts.free(text)
        for secret, name in self._placeholders.known:
            clean = clean.replace(secret, name)
        return clean

    # -- inside ------------------------------------------------------------------------------------------------------

    def _header(self, name: str, value: str) -> str:
        lower = name.lower()
        if not names.is_secret_header(lower):
            return self._texts.free(value) if len(value) > 8 else value
        if not value:
            return value
        if lower == "cookie":
            return _COOKIE.sub(lambda found: f"{found[1]}={self._named(found[1], found[2])}", value)
        if lower == "set-cookie":
            first, mark, attributes = value.partition(";")
            key, sign, secret = first.partition("=")
            return f"{key}{sign}{self._named(key.strip(), secret)}{mark}{attributes}" if secret else value
        scheme = _SCHEME.fullmatch(value)
        if scheme is not None and "authoriz" in lower:
            self._learn_basic(scheme[1], scheme[2])
            return f"{scheme[1]} {self._named(lower, scheme[2])}"
        return self._named(lower, value)

    def _named(self, kind: str, secret: str) -> str:
        return self._placeholders.of(kind, secret) if secret else secret

    def _learn_basic(self, scheme: str, credentials: str) -> None:
        """The password is a secret by itself, wherever it stands."""
        if scheme.lower() == "basic":
            try:
                _, _, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
            except (binascii.Error, ValueError):
                return
            if password:
                self._placeholders.of("password", password)

    def _body(self, body: Body, headers: Headers, clean: Headers) -> tuple[Body, Headers]:
        data = body.data
        if not data:
            return body, clean
        lowered = {name.lower(): value for name, value in headers}
        coding, content_type = lowered.get("content-encoding", ""), lowered.get("content-type", "")
        plain = decode_body(data, coding).data if coding else data
        found = self._bytes(plain, content_type)
        if found == plain:
            return body, clean
        kept = tuple((name, value) for name, value in clean if name.lower() != "content-encoding")
        return Body(found, size=max(len(found), body.size) if body.truncated else len(found)), kept

    def _bytes(self, data: bytes, content_type: str) -> bytes:
        media = content_type.partition(";")[0].strip().lower()
        if not _suspicious(data, media):
            return data
        boundary = _BOUNDARY.search(content_type)
        if media.startswith("multipart/") and boundary is not None:
            return self._texts.multipart(data, boundary[1].encode("latin-1", "replace"))
        try:
            text = as_utf8(data, content_type).decode("utf-8")
        except UnicodeDecodeError:
            # Binary, but a key in it is a key: look at it byte by byte.
            return self._texts.free(data.decode("latin-1")).encode("latin-1", "replace")
        if media == "application/x-www-form-urlencoded":
            clean = self._texts.form(text)
        elif media.endswith("json") or text.lstrip()[:1] in ("{", "["):
            clean = self._texts.json(text)
        elif media in ("text/html", "application/xhtml+xml", "image/svg+xml") or media.endswith("javascript"):
            clean = self._texts.free(text)
        else:
            clean = self._texts.assignments(text)
        if clean == text:
            return data
        charset = declared_charset(content_type) or "utf-8"
        return clean.encode(charset, "xmlcharrefreplace")

    def _visitor_request(self, request: VisitorRequest | None) -> VisitorRequest | None:
        if request is None:
            return None
        return replace(request, target=self._texts.query(request.target), headers=self.headers(request.headers))

    def _delivered(self, delivered: Delivered | None) -> Delivered | None:
        return None if delivered is None else replace(delivered, headers=self.headers(delivered.headers))

    def _without_known(self, exchange: Exchange) -> Exchange:
        """What was found in one place may stand in another, without a name beside it."""
        known = self._placeholders.known
        if not known:
            return exchange

        def clean(text: str) -> str:
            for secret, name in known:
                if secret in text:
                    text = text.replace(secret, name)
            return text

        def clean_body(body: Body) -> Body:
            data = body.data
            for secret, name in known:
                raw = secret.encode("utf-8", "surrogatepass")
                if raw in data:
                    data = data.replace(raw, name.encode())
            return body if data == body.data else Body(data, size=max(body.size, len(data)))

        def clean_headers(headers: Headers) -> Headers:
            return tuple((name, clean(value)) for name, value in headers)

        return replace(
            exchange,
            target=clean(exchange.target),
            public_url=clean(exchange.public_url),
            request_headers=clean_headers(exchange.request_headers),
            response_headers=clean_headers(exchange.response_headers),
            request_body=clean_body(exchange.request_body),
            response_body=clean_body(exchange.response_body),
            note=clean(exchange.note),
        )


def _suspicious(data: bytes, media: str) -> bool:
    """Whether a body can hold a secret. Most hold none, and reading them all would make exports ten times slower."""
    if shapes.hinted_bytes(data) or (b"://" in data and (b"@" in data or b"=" in data)):
        return True
    if media.endswith("json") and b"\\" not in data and b'" :' not in data:
        # What stands between quotes before a colon; several times as quick as a regular expression.
        keys = {part[part.rfind(b'"') + 1 :] for part in data.split(b'":')[:-1] if b'"' in part}
        return any([names.is_secret_field(key.decode("utf-8", "replace")) for key in keys])
    lowered = data.lower()
    return any(hint in lowered for hint in names.HINTS)
