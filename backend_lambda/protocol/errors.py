"""Every way a request or a connection can fail: one table of code, HTTP status, side and words.

`ProtocolError` is raised by codec and sessions. Tree: ProtocolError (the peer broke the protocol).
The `side` says whose failure it is; the visitor's page, the agent's log and the window use the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["visitor", "service", "agent", "relay"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure.

    status: HTTP status the visitor gets
    side: who failed
    title: one sentence, without private detail (no address, no stack)
    hint: what the visitor, or the owner of the tunnel, can do
    retry_after: seconds for the Retry-After header, None for none
    """

    code: str
    status: int
    side: Side
    title: str
    hint: str
    retry_after: int | None = None


_EXCHANGE_FAILURES = (
    Failure("bad_request", 400, "visitor", "The request could not be understood.",
            "Check the URL and try again."),
    Failure("unknown_tunnel", 404, "visitor", "There is no tunnel at this address.",
            "Check the address; tunnel names are case-sensitive parts of it."),
    Failure("other_tunnel", 403, "visitor", "A page of one tunnel asked for something of another one.",
            "Open the other tunnel by its own address; pages of tunnels do not reach each other."),
    Failure("misdirected", 421, "visitor", "This relay does not answer for this host name.",
            "Use the URL that Hatchway shows, or make this name the public URL of the relay."),
    Failure("body_too_large", 413, "visitor", "The request body is larger than this tunnel accepts.",
            "Send a smaller body."),
    Failure("head_too_large", 431, "visitor", "The request line and headers are too large.",
            "Shorten the URL, or clear the cookies of this site."),
    Failure("throttled", 429, "visitor", "Too many requests at once.",
            "Wait a moment and try again.", 1),
    Failure("agent_offline", 503, "agent", "The tunnel exists, but its agent is not connected.",
            "If it is yours, start Hatchway; otherwise try again in a moment.", 5),
    Failure("agent_gone", 502, "agent", "The tunnel's agent went away before it could answer.",
            "Try again; the agent usually reconnects within seconds."),
    Failure("agent_moved", 503, "agent", "The tunnel has just moved to another connection.",
            "Try again.", 1),
    Failure("agent_protocol", 502, "agent", "The tunnel's agent sent an answer that makes no sense.",
            "If the tunnel is yours, update Hatchway."),
    Failure("upstream_refused", 502, "service", "The service behind this tunnel refuses connections.",
            "If it is yours, start the service and try again."),
    Failure("upstream_unreachable", 502, "service", "The service behind this tunnel cannot be reached.",
            "If it is yours, check the host name of the service."),
    Failure("upstream_tls", 502, "service", "The service behind this tunnel has no valid certificate.",
            "If it is yours, allow self-signed certificates for this tunnel."),
    Failure("upstream_invalid", 502, "service", "The service behind this tunnel did not answer with valid HTTP.",
            "If it is yours, check that the port speaks HTTP."),
    Failure("answer_too_large", 502, "relay", "The answer is larger than this tunnel can carry.",
            "If it is yours, make the answer smaller, or use a tunnel that streams."),
    Failure("blob_failed", 502, "relay", "The storage that carries large bodies failed.",
            "Try again; if it stays and the tunnel is yours, Hatchway shows the reason."),
    Failure("upstream_cut", 502, "service", "The service behind this tunnel broke off before it answered completely.",
            "If it is yours, look at the log of the service."),
    Failure("upstream_timeout", 504, "service", "The service behind this tunnel took too long to answer.",
            "Try again later."),
    Failure("deadline", 504, "service", "No answer came through this tunnel in time.",
            "Try again later."),
    Failure("relay_failure", 500, "relay", "The relay failed to handle the request.",
            "Try again; if it stays, report it with the time of the request."),
)  # fmt: skip

_CONNECTION_FAILURES = (
    Failure("bad_token", 401, "agent", "The token is missing or wrong.",
            "Use the token of this relay."),
    Failure("unsupported_version", 400, "agent", "Agent and relay speak different versions of the protocol.",
            "Update the older of the two."),
    Failure("bad_name", 400, "agent", "This name cannot be used for a tunnel.",
            "Use 1 to 63 lower-case letters, digits and inner hyphens."),
    Failure("name_taken", 409, "agent", "Another owner holds this tunnel name.",
            "Choose another name, or stop the other tunnel first."),
    Failure("malformed", 400, "agent", "A message could not be understood.",
            "Update Hatchway."),
    Failure("oversize", 400, "agent", "A message is larger than the limit.",
            "Update Hatchway."),
    Failure("out_of_order", 400, "agent", "A message came at a time when it is not allowed.",
            "Update Hatchway."),
)  # fmt: skip

FAILURES = {failure.code: failure for failure in (*_EXCHANGE_FAILURES, *_CONNECTION_FAILURES)}
EXCHANGE_CODES = frozenset(failure.code for failure in _EXCHANGE_FAILURES)


class ProtocolError(Exception):
    """The peer sent something that the protocol does not allow.

    code: a key of FAILURES (`malformed`, `oversize`, `out_of_order`, `unsupported_version`, `bad_name`)
    detail: for logs; names the field, never its content
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
