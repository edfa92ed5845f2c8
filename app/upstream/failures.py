"""Foreign exceptions of sockets and TLS, translated once into `UpstreamError`."""

from __future__ import annotations

import errno
import socket
import ssl

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError

_REFUSED = (f"[Errno {errno.ECONNREFUSED}]", "[WinError 1225]", "[WinError 10061]")


def translate(error: BaseException, upstream: Upstream) -> UpstreamError:
    """The error of connecting or talking to the upstream, in our words."""
    if isinstance(error, UpstreamError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return UpstreamError("upstream_tls", error.verify_message, upstream)
    if isinstance(error, ssl.SSLError):
        return UpstreamError("upstream_invalid", f"TLS: {getattr(error, 'reason', '') or 'failed'}", upstream)
    if isinstance(error, TimeoutError):
        return UpstreamError("upstream_timeout", "no connection", upstream)
    if isinstance(error, ConnectionRefusedError):
        return UpstreamError("upstream_refused", "connection refused", upstream)
    if isinstance(error, socket.gaierror):
        return UpstreamError("upstream_unreachable", f"name not found: {upstream.host}", upstream)
    if isinstance(error, ConnectionError):
        return UpstreamError("upstream_cut", "connection lost", upstream)
    if isinstance(error, OSError) and error.errno is None and any(sign in str(error) for sign in _REFUSED):
        # asyncio folds the failures of several addresses (::1 and 127.0.0.1) into one plain OSError.
        return UpstreamError("upstream_refused", "connection refused", upstream)
    return UpstreamError("upstream_unreachable", str(error) or type(error).__name__, upstream)
