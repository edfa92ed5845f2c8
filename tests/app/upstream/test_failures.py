"""Foreign exceptions in our words."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError
from app.upstream.failures import translate

UPSTREAM = Upstream("http", "localhost", 3000)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "upstream_refused"),
        # asyncio's and uvloop's words for several addresses
        (
            OSError(
                "Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), "
                "[Errno 111] Connect call failed ('127.0.0.1', 1)".replace("111", str(errno.ECONNREFUSED))
            ),
            "upstream_refused",
        ),
        (OSError(f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] Connection refused, x"), "upstream_refused"),
        (OSError(errno.EHOSTUNREACH, "Connect call failed ('10.0.0.1', 1)"), "upstream_unreachable"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "upstream_unreachable"),
        (socket.gaierror(-2, "Name or service not known"), "upstream_unreachable"),
        (UnicodeError("label too long"), "upstream_unreachable"),
        (TimeoutError(), "upstream_timeout"),
        (ConnectionResetError(), "upstream_cut"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "upstream_tls"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "upstream_invalid"),
        (UpstreamError("upstream_cut", "x", UPSTREAM), "upstream_cut"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_failure_has_its_code_and_names_the_service(error: Exception, code: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    problem = translate(error, UPSTREAM).problem
    assert problem.code == code
    assert problem.side == "your service"
    assert "http://localhost:3000" in problem.title
    assert problem.hint[0].isupper()


def test_the_hint_keeps_its_capitals() -> None:
    assert UpstreamError("upstream_invalid", "", UPSTREAM).problem.hint == "Check that the port speaks HTTP."
