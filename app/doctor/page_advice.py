"""Advice about what pages and browsers complain about, and about pages that show something else."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.doctor.situation import Advice, Situation, make_relative, says, status_of
from app.doctor.symptoms import Symptom


def policy(symptom: Symptom, situation: Situation) -> Advice | None:
    """Content-Security-Policy."""
    if "csp" not in symptom.details and not says(symptom, r"Content Security Policy"):
        return None
    return Advice(
        "The page's Content-Security-Policy forbids it below the tunnel's address, though not directly.",
        f"Policies in headers and <meta> are mapped; one that a script or a proxy sets must name {situation.origin} or "
        "'self'.",
    )


def mixed_content(symptom: Symptom, situation: Situation) -> Advice | None:
    """http within https."""
    if not says(symptom, r"Mixed Content|mixed-content"):
        return None
    return Advice(
        "The page came by https and asks for something by http, which browsers forbid.",
        f"{make_relative(symptom)} What another service serves needs an https address of its own.",
    )


def cors(symptom: Symptom, situation: Situation) -> Advice | None:
    """Other origins that allow the local address only."""
    if not says(symptom, r"blocked by CORS policy"):
        return None
    return Advice(
        f"The other side allows pages of {situation.service}, and not pages of {situation.origin}.",
        f"Allow {situation.origin} there, or let the page's own service pass these requests on.",
    )


def prefix_twice(symptom: Symptom, situation: Situation) -> Advice | None:
    """The app has read `location.pathname` and put what it found in front of its own paths."""
    path = "" if symptom.asked is None else urlsplit(symptom.asked.url).path
    if not situation.prefix or not path.startswith(f"{situation.prefix}{situation.prefix}/"):
        return None
    mode = "" if "L5" in situation.layers else "Try --mode spa, in which pages see the path they expect. "
    return Advice(
        "The page makes its URLs from the address it sees, and so the tunnel's name is in them twice.",
        f"{mode}{make_relative(symptom)}",
    )


def chunk(symptom: Symptom, situation: Situation) -> Advice | None:
    """Parts of an app that are loaded later."""
    is_part = symptom.asked is not None and symptom.asked.kind in ("script", "stylesheet")
    words = r"ChunkLoadError|Loading (?:CSS )?chunk|dynamically imported module|Failed to load module script"
    if not (is_part and status_of(symptom) == 404) and not says(symptom, words):
        return None
    return Advice(
        "A part of the app was looked for in the wrong place; as a rule its base path is made from location.pathname.",
        f"Try --mode {situation.next_mode}. {make_relative(symptom)}",
    )


def service_worker(symptom: Symptom, situation: Situation) -> Advice | None:
    """Registrations that fail."""
    if not says(symptom, r"service ?worker"):
        return None
    return Advice(
        "The service worker was not registered, so that the app does not work offline and gets no push messages.",
        "Its script must be JavaScript and be found below the tunnel, and its scope cannot lead above the prefix. By "
        "its host URL the app has an origin of its own.",
    )


def page_instead(symptom: Symptom, situation: Situation) -> Advice | None:
    """`Unexpected token '<'`."""
    if not says(symptom, r"Unexpected token '?<|is not valid JSON|Unexpected end of JSON"):
        return None
    return Advice(
        "A script got a page, or nothing, where it expected data: a request went to the wrong place.",
        "Look at the leaks and failed requests first; this goes with them.",
    )


def router(symptom: Symptom, situation: Situation) -> Advice | None:
    """Routers of clients that know no route for the path, and pages that were rendered for another one."""
    words = r"No routes? match|No match found for location|Cannot match any routes|^Not found: /|hydrat"
    if not says(symptom, words):
        return None
    return Advice(
        "The app reads its route from the address, which begins with the tunnel's name.",
        f"Try --mode {situation.next_mode}.",
    )


def error(symptom: Symptom, situation: Situation) -> Advice:
    """Anything else on the console."""
    if situation.is_lossy:
        return _follows("The page says so through the tunnel only.")
    without = " With ?__hw_off after its path the page comes without our script." if "L2" in situation.layers else ""
    return Advice(
        "The page says so through the tunnel only.",
        f"Code that reads location sees the tunnel's address; try --mode {situation.next_mode}.{without}",
    )


def shown(symptom: Symptom, situation: Situation) -> Advice:
    """The page is another one, although nothing may have failed."""
    if situation.is_lossy:
        return _follows("Visitors do not see what you see.")
    return Advice(
        "Visitors do not see what you see; as a rule a router reads the address, or a session is lost.",
        f"Try --mode {situation.next_mode}; if that does not help, give away the tunnel's host URL.",
    )


def _follows(why: str) -> Advice:
    return Advice(why, "It may follow from the requests above that went wrong. Repair these first.")
