"""Advice about requests, WebSockets and cookies that fail through the tunnel and not directly."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from app.doctor.situation import Advice, Situation, make_relative, says, status_of
from app.doctor.symptoms import Symptom
from backend_lambda.protocol.errors import FAILURES

_HOST_CHECKS = (
    (re.compile(r"Blocked request\.|server\.allowedHosts"), "server.allowedHosts of Vite"),
    (re.compile(r"ALLOWED_HOSTS|Invalid HTTP_HOST header|DisallowedHost"), "ALLOWED_HOSTS of Django"),
    (re.compile(r"Invalid Host(?:/Origin)? header"), "allowedHosts of webpack-dev-server"),
    (re.compile(r"Blocked hosts?:|config\.hosts"), "config.hosts of Rails"),
    (re.compile(r"(?:Invalid|Untrusted|Unknown) host\b", re.IGNORECASE), "the hosts it allows"),
)
# Words of the DevTools protocol (Network.SetCookieBlockedReason).
_COOKIE_REASONS = (
    ("InvalidPrefix", "its name demands Secure and Path=/"),
    ("SecureOnly", "it is Secure, and the page is not"),
    ("OverwriteSecure", "there is a Secure one of that name"),
    ("SameSite", "its SameSite forbids it here"),
    ("Domain", "it names another domain"),
    ("ExceedsMaxSize", "it is too large"),
    ("DisallowedCharacter", "it holds a character that no cookie may have"),
    ("Syntax", "it is malformed"),
    ("ThirdParty", "it belongs to another site"),
)


def relay_refusal(symptom: Symptom, situation: Situation) -> Advice | None:
    """The relay itself said no."""
    failure = None if symptom.answer is None else FAILURES.get(symptom.answer.error)
    return None if failure is None else Advice(failure.title, failure.hint)


def blocked_host(symptom: Symptom, situation: Situation) -> Advice | None:
    """Dev servers and frameworks that check `Host` say so in the page."""
    setting = next((name for pattern, name in _HOST_CHECKS if pattern.search(symptom.body)), None)
    if setting is None:
        return None
    return Advice(
        "The service answers only for host names that it knows, and was asked for another one.",
        f"Run the tunnel without --host-header public, or add “{urlsplit(situation.base).hostname}” to {setting}.",
    )


def runtime_blocked(symptom: Symptom, situation: Situation) -> Advice | None:
    """Our own script did not come."""
    if symptom.asked is None or "/__hw/" not in symptom.asked.url:
        return None
    return Advice(
        "The script that maps what the page does was not loaded, so that most of its requests go wrong.",
        f"If a policy of the page forbids it, one that a script or a proxy adds, allow {situation.base}/__hw/ in its "
        "script-src; otherwise please report it. Until then --mode static or the host URL helps.",
    )


def not_allowed(symptom: Symptom, situation: Situation) -> Advice | None:
    """Sessions and checks against forged requests."""
    if status_of(symptom) not in (401, 403, 419, 422) and not re.search(r"\bCSRF\b", symptom.body, re.IGNORECASE):
        return None
    return Advice(
        "The service refuses what it allows directly: a cookie is missing, or it checks where the request comes from.",
        f"Look for refused cookies. The service sees {situation.service} as Host, Origin and Referer; if it insists on "
        f"the public address, add {situation.origin} to the origins it trusts, or use --forwarded aware.",
    )


def failed(symptom: Symptom, situation: Situation) -> Advice:
    """Any request."""
    status = status_of(symptom)
    if status >= 500:
        return Advice(
            "The service fails, and does not when it is asked directly: it may depend on its address or on a header.",
            "Compare the headers of both requests; the window and `hatchway list` have those that came through.",
        )
    if status == 404:
        return Advice(
            "The service has nothing at this path, and is not asked for it when the page is opened directly.",
            f"Look at what builds the URL. {make_relative(symptom)} Or try --mode {situation.next_mode}.",
        )
    return Advice(
        "It fails through the tunnel and not directly.",
        f"Try --mode {situation.next_mode}, or the tunnel's host URL, to see whether rewriting is the cause.",
    )


def websocket(symptom: Symptom, situation: Situation) -> Advice:
    """Any connection."""
    why = "The connection was not opened, so that nothing comes live and dev servers do not reload the page."
    if says(symptom, r"\b40[13]\b"):
        return Advice(why, f"The service refused it, as one that checks Origin does; let it allow {situation.service}.")
    if says(symptom, r"\b(?:200|30\d|400|404|426)\b"):
        return Advice(why, f"The service has no WebSocket at this path. {make_relative(symptom)}")
    return Advice(why, "See whether the service accepts another connection: it may limit them, or have gone away.")


def cookie(symptom: Symptom, situation: Situation) -> Advice:
    """One of an answer that the browser did not take."""
    reason = next((text for word, text in _COOKIE_REASONS if any(word in one for one in symptom.details)), "")
    because = f" because {reason}" if reason else ""
    return Advice(
        f"The browser did not take it{because}; a session that hangs on it is lost.",
        "Let the service set it without what the browser objects to, or use the tunnel by https.",
    )
