"""Advice about requests that went past the tunnel: without its prefix, to the service itself, to another one."""

from __future__ import annotations

from app.doctor.situation import Advice, Situation, make_relative, origin_of, says
from app.doctor.symptoms import Symptom


def leak(symptom: Symptom, situation: Situation) -> Advice:
    """Asked of the tunnel's host without the prefix."""
    is_websocket = symptom.asked is not None and symptom.asked.kind == "websocket"
    if symptom.answer is not None and symptom.answer.recovered:
        why = (
            "It went to the root of the public host and was sent back by a redirect, because the browser said which "
            "page asks; that costs a round trip, and fails for pages that send no Referer."
        )
    elif is_websocket:
        why = "It went to the root of the public host and was lost: WebSockets cannot be sent back."
    else:
        why = "It went to the root of the public host, where the service is not, and was lost."
    if "L1" not in situation.layers:
        return Advice(
            why,
            "In this mode nothing is rewritten. Tell the app its base path, which X-Forwarded-Prefix names as well, or "
            "try --mode auto.",
        )
    if "L2" not in situation.layers:
        return Advice(why, "In this mode nothing maps what scripts ask for. Try --mode app.")
    if not symptom.page and not symptom.code:
        return Advice(why, "A worker asked for it. Start workers from files of their own, not from data: URLs.")
    if symptom.page.startswith(("about:", "data:", "blob:")):
        return Advice(
            why,
            "A document that was put together in the browser asked for it, where no script of ours runs. Load that "
            "document from a file of its own, or use relative URLs in it.",
        )
    return Advice(
        why, f"Rewriting does not reach it. {make_relative(symptom)} By its host URL the app needs no rewriting."
    )


def own_service(symptom: Symptom, situation: Situation) -> Advice:
    """Asked of the service's local address."""
    why = f"The page asks {origin_of(symptom)} itself, past the tunnel; elsewhere that is the visitor's own computer."
    if "L2" not in situation.layers:
        return Advice(why, f"Try --mode {situation.next_mode}, which maps what scripts ask for.")
    return Advice(why, f"Rewriting does not reach it. {make_relative(symptom)}")


def other_service(symptom: Symptom, situation: Situation) -> Advice:
    """Asked of another address that only this computer, or its network, reaches (conformance id U6)."""
    asked = origin_of(symptom)
    suggestion = (
        f"Put a tunnel in front of it as well (hatchway http {asked}) and let the page use its URL; or let the page's "
        "own service pass these requests on, as the proxies of dev servers do."
    )
    if says(symptom, r"blocked by CORS policy"):
        suggestion += f" With a tunnel of its own it must also allow the origin {situation.origin} (CORS)."
    return Advice(f"{asked} is another service, which visitors elsewhere do not reach.", suggestion)
