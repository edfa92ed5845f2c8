"""Why there is no connection, in words: refused handshakes, and refusals that the backend sends over one."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from websockets.exceptions import InvalidHandshake, InvalidHeader, InvalidStatus, InvalidURI

from app.domain.problems import HatchwayError, Problem, Side, fail
from backend_lambda.protocol.errors import FAILURES
from backend_lambda.protocol.messages import Error

_RELAY_PATH: Final = "/__hw/agent"
_LOOK: Final = "It is tried again; the log and the dashboard of the deployment say more."


def refusal_problem(error: Error) -> Problem:
    """What the backend's last message on a connection means."""
    known = FAILURES.get(error.code)
    if known is None:
        return Problem(error.code, error.message or "The relay refused the tunnel", "relay")
    side: Side = "you" if error.code in ("name_taken", "bad_name", "bad_token") else "relay"
    return Problem(error.code, known.title.rstrip("."), side, known.hint)


def connect_problem(error: Exception, url: str) -> HatchwayError:
    """What an attempt to connect to that address has come to."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return _by_gateway(status) if is_gateway(url) else _by_relay(status)
    if isinstance(error, InvalidURI):
        return fail("bad_relay_url", "The relay's address is not a WebSocket URL", "you", "Use ws:// or wss://.")
    if isinstance(error, TimeoutError):
        return fail("relay_unreachable", "The relay does not answer", "network", "Check your network.")
    if isinstance(error, InvalidHandshake):
        # Of a header only the name: its value may be our token.
        detail = f"header {error.name}" if isinstance(error, InvalidHeader) else error
        return fail("relay_refused", f"That is not a Hatchway relay ({detail})", "relay", "Check its address.")
    if isinstance(error, ConnectionRefusedError):
        return fail("relay_unreachable", "The relay is not running", "relay", "It is tried again.")
    return fail("relay_unreachable", f"The relay cannot be reached ({error})", "network", "Check your network.")


def is_gateway(url: str) -> bool:
    """Whether agents get to this address through API Gateway: its paths are a stage, a relay's end in a fixed one."""
    return not urlsplit(url).path.endswith(_RELAY_PATH)


def _by_relay(status: int) -> HatchwayError:
    if status in (401, 403):
        known = FAILURES["bad_token"]
        return fail("bad_token", known.title.rstrip("."), "you", known.hint)
    return fail("relay_refused", f"The relay answered {status} instead of connecting", "relay", "Check its address.")


def _by_gateway(status: int) -> HatchwayError:
    """The statuses of backend_lambda/adapters/admission.py, and those that the gateway gives by itself."""
    match status:
        case 401:
            hint = "Use a token of this deployment; one of an identity provider may have expired."
            return fail("bad_token", FAILURES["bad_token"].title.rstrip("."), "you", hint)
        case 403 | 404:
            # Of ours only a browser gets 403; a stage that does not exist gives it to everybody.
            hint = "Check it, with the stage at its end: it is the output socket_url of the deployment."
            return fail("relay_refused", f"AWS knows no backend at this address ({status})", "you", hint)
        case 424:
            title = "The backend cannot get the keys of your identity provider, so it cannot judge your token"
            return fail("keys_unavailable", title, "relay", _LOOK)
        case 429 | 503:
            hint = "It is tried again. If it stays, raise throttle of the deployment, or the account's limits."
            return fail("aws_throttled", f"AWS takes no more connections for the moment ({status})", "AWS", hint)
        case _ if status >= 500:
            return fail("backend_failed", f"The backend's function failed ({status})", "AWS", _LOOK)
    return fail("relay_refused", f"AWS answered {status} instead of connecting", "AWS", "Check the address.")
