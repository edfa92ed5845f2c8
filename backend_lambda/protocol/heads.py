"""What may stand in a head: methods, targets, headers and close frames that cannot split or stretch a message.

Whoever makes a head from somebody else's text asks here first; the decoder of the other side takes exactly these.
"""

from __future__ import annotations

import re

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_CLOSE_REASON, MAX_HEAD, MAX_HEADERS, MAX_TARGET
from backend_lambda.protocol.messages import Headers

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}")
_TOKENS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
# RFC 9110 section 5.5: CR, LF and NUL are dangerous, other controls only ugly; above latin-1 nothing can be sent.
_BAD_VALUE = re.compile(r"[^\x01-\x09\x0b\x0c\x0e-\xff]")
_TARGET = re.compile(r"(?:/[\x21-\x7e\x80-\xff]*|\*)")


def is_method(method: str) -> bool:
    """Whether a `request` can carry it."""
    return _METHOD.fullmatch(method) is not None


def is_target(target: str) -> bool:
    """Whether a `request` can carry it: origin-form or `*`, nothing that ends a request line."""
    return len(target) <= MAX_TARGET and _TARGET.fullmatch(target) is not None


def is_sendable(headers: Headers) -> bool:
    """Whether a message can carry these headers; the decoder of the other side takes exactly these."""
    try:
        check_headers(headers)
    except ProtocolError:
        return False
    return True


def close_frame(code: int | None, reason: str) -> tuple[int | None, str]:
    """Code and reason as a WebSocket close frame may carry them (RFC 6455 section 7.4 and its registry): no code
    for one that may not be sent, such as 1005 and 1006, and no more of the reason than fits."""
    if code is None or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        return None, ""
    return code, reason.encode("utf-8", "replace")[:MAX_CLOSE_REASON].decode("utf-8", "ignore")


def check_headers(pairs: Headers) -> None:
    """Raises ProtocolError `malformed` or `oversize`."""
    if not pairs:
        return
    if len(pairs) > MAX_HEADERS:
        raise ProtocolError("oversize", "headers")
    names_apart = [name for name, _ in pairs]
    try:
        names, values = "".join(names_apart), "".join([value for _, value in pairs])
    except TypeError:
        raise ProtocolError("malformed", "headers") from None
    if len(names) + len(values) > MAX_HEAD:
        raise ProtocolError("oversize", "headers")
    # One look at all names and one at all values costs a tenth of a look at each.
    if "" in names_apart or not _TOKENS.fullmatch(names) or _BAD_VALUE.search(values):
        raise ProtocolError("malformed", "headers")
