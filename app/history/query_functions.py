"""What SQL asks Python about a row: tests of JSON texts of headers and of bodies, as cheap as they can be."""

from __future__ import annotations

from collections.abc import Callable

from app.content.charset import FIRST_OF_BOMS, as_utf8
from app.content.reading import body_text, parse_json
from app.domain.exchange import Body, Exchange, ExchangeState, first_header
from app.domain.webhook import SignatureCheck, signed_by
from app.filter.match import bytes_test, header_lines_test, host_of, json_matches, wire
from app.filter.tree import Contains, JsonTest, Term, Test
from app.history.record import decode_headers

BodyTest = Callable[[bytes | None, str], bool]
"""(kept bytes, JSON text of the headers beside them)"""


def headers_test(term: Term) -> Callable[[str], bool]:
    """Of the JSON text of a list of headers."""
    test = header_lines_test(term)
    return lambda text: test(decode_headers(text))


def type_test(test: Test) -> Callable[[str], bool]:
    """Of the Content-Type, empty if there is none."""
    ask = bytes_test(test)
    return lambda text: ask(wire(_header(text, "content-type") or ""))


def is_event_stream(text: str) -> bool:
    """Of the JSON text of an answer's headers."""
    return (_header(text, "content-type") or "").lower().startswith("text/event-stream")


def host_test(test: Test) -> Callable[[str], bool]:
    """Of a public URL."""
    ask = bytes_test(test)
    return lambda url: ask(wire(host_of(Exchange("", "", "", "", "", public_url=url))))


def signed_test(wanted: str) -> Callable[[str], bool]:
    """Of the JSON text of a request's headers: signed by that scheme, or by any."""
    return lambda text: signed_by(wanted, decode_headers(text))


def signature_test(wanted: str, check: SignatureCheck) -> Callable[..., bool]:
    """Of (tunnel, tunnel id, target, public URL, headers, kept body, its size, start, state) of a request."""

    def ask(
        tunnel: str,
        tunnel_id: str,
        target: str,
        url: str,
        headers: str,
        data: bytes | None,
        size: int,
        started_ns: int,
        state: str,
    ) -> bool:
        decoded = decode_headers(headers)
        if not signed_by("any", decoded):
            return False
        exchange = Exchange(tunnel, tunnel_id, "", target, "", decoded, public_url=url, started_ns=started_ns)
        exchange.request_body, exchange.state = Body(data or b"", size=size), ExchangeState(state)
        return check(exchange) == wanted

    return ask


def data_test(test: Test) -> Callable[[bytes], bool]:
    """Of a message."""
    return bytes_test(test)


def body_test(test: Test) -> BodyTest:
    """Of a body without its codings, as UTF-8."""
    ask = bytes_test(test)
    if not isinstance(test, Contains):
        return lambda data, headers: ask(_text(data, headers))
    needle = test.needle.encode("utf-8", "surrogatepass")

    def contains(data: bytes | None, headers: str) -> bool:
        # The same in fewer steps: this one is asked of every body there is.
        if data is None or _coded(headers):
            return ask(_text(data, headers))
        return needle in data.lower() if data[:1] not in FIRST_OF_BOMS else ask(as_utf8(data, None))

    return contains


def json_test(test: Test) -> BodyTest:
    """Of a JSON body."""
    assert isinstance(test, JsonTest)
    # A key stands in the text as it is, unless something is escaped there: spares parsing what cannot match.
    keys = [key.encode() for key in test.path if isinstance(key, str) and key.isalnum() and key.isascii()]

    def ask(data: bytes | None, headers: str) -> bool:
        text = _text(data, headers)
        if any(key not in text for key in keys) and b"\\u" not in text:
            return False
        return json_matches(parse_json(text), test)

    return ask


def _coded(headers: str) -> bool:
    lowered = headers.lower()
    return "encoding" in lowered or "charset" in lowered


def _text(data: bytes | None, headers: str) -> bytes:
    if not data:
        return b""
    # Both are rare, and decoding headers costs more than looking for their words.
    if _coded(headers):
        return body_text(data, _header(headers, "content-encoding"), _header(headers, "content-type"))
    return as_utf8(data, None)


def _header(text: str, name: str) -> str | None:
    return first_header(decode_headers(text), name)
