"""The advice for each symptom: what it must say, not how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from app.doctor.diagnosis import advise, diagnose
from app.doctor.records import Answer, Asked
from app.doctor.situation import Situation
from app.doctor.symptoms import Kind, Symptom
from app.domain.upstream import parse_upstream
from tests.app.doctor.visits import ALL, TUNNEL, UPSTREAM, MadeUp

ORIGIN = "http://127.0.0.1:4780"
APP = Situation(TUNNEL, ALL, parse_upstream(UPSTREAM))
SPA = replace(APP, layers=(*ALL, "L5"))
STATIC = replace(APP, layers=("L0", "L1"))
RAW = replace(APP, layers=("L0",))


def a(kind: Kind, what: str = "it", url: str = "", resource: str = "fetch", status: int = 0, **fields: Any) -> Symptom:
    made = Symptom(kind, what, what, page="/page", **fields)
    if url:
        made = replace(made, asked=Asked("GET", url, resource, TUNNEL + "/page"))
    return replace(made, answer=Answer(status)) if status and made.answer is None else made


def words(symptom: Symptom, situation: Situation = APP) -> str:
    advice = advise(symptom, situation)
    assert advice.why.endswith(".")
    assert advice.suggestion.endswith((".", ")"))
    return f"{advice.why} {advice.suggestion}"


LEAK = a("leak", url=ORIGIN + "/api", status=404)


@pytest.mark.parametrize(
    ("symptom", "situation", "said"),
    [
        pytest.param(LEAK, RAW, "base path", id="raw"),
        pytest.param(LEAK, STATIC, "--mode app", id="static"),
        pytest.param(LEAK, APP, "was lost", id="lost"),
        pytest.param(replace(LEAK, answer=Answer(307, recovered=True)), APP, "sent back by a redirect", id="sent-back"),
        pytest.param(
            replace(LEAK, code=("load (/app.js:3)",)), APP, "Let load (/app.js:3) use a relative URL", id="code"
        ),
        pytest.param(replace(LEAK, page=""), APP, "not from data: URLs", id="worker"),
        pytest.param(replace(LEAK, page="about:srcdoc"), APP, "put together in the browser", id="srcdoc"),
        pytest.param(
            a("leak", url="ws://127.0.0.1:4780/hmr", resource="websocket"), APP, "cannot be sent back", id="ws"
        ),
        pytest.param(a("own_service", url=UPSTREAM + "/api"), STATIC, "--mode app", id="own-service-static"),
        pytest.param(
            a("own_service", url="ws://localhost:3000/x"), APP, "asks http://localhost:3000 itself", id="own-service"
        ),
        pytest.param(
            a("other_service", url="ws://localhost:3001/x"), APP, "hatchway http http://localhost:3001", id="other"
        ),
        pytest.param(
            a("other_service", url="http://localhost:3001/x", details=("… has been blocked by CORS policy: …",)),
            APP,
            f"allow the origin {ORIGIN}",
            id="other-cors",
        ),
    ],
)
def test_stray_requests(symptom: Symptom, situation: Situation, said: str) -> None:
    assert said in words(symptom, situation)


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        ('Blocked request. This host ("t.example") is not allowed.', "server.allowedHosts of Vite"),
        ("DisallowedHost at /\nInvalid HTTP_HOST header: 't.example'.", "ALLOWED_HOSTS of Django"),
        ("Invalid Host header", "allowedHosts of webpack-dev-server"),
        ("Blocked hosts: t.example", "config.hosts of Rails"),
        ("Invalid host in request", "the hosts it allows"),
    ],
    ids=["vite", "django", "webpack", "rails", "any"],
)
def test_hosts_that_a_service_does_not_answer_for(body: str, setting: str) -> None:
    said = words(a("request", url=TUNNEL + "/", resource="document", status=403, body=body))
    assert f"add “127.0.0.1” to {setting}" in said
    assert "--host-header public" in said


@pytest.mark.parametrize(
    ("symptom", "situation", "said"),
    [
        pytest.param(
            a("request", url=TUNNEL + "/x", answer=Answer(502, error="upstream_cut")), APP, "broke off", id="relay"
        ),
        pytest.param(
            a("request", url=TUNNEL + "/__hw/rt-1.js", details=("csp",)), APP, f"allow {TUNNEL}/__hw/", id="ours"
        ),
        pytest.param(a("request", url=TUNNEL + "/x", details=("csp",)), APP, "Content-Security-Policy", id="policy"),
        pytest.param(
            a("request", url="http://cdn.example/x", details=("mixed-content",)),
            replace(APP, base="https://t.example/shop"),
            "by https and asks for something by http",
            id="mixed-content",
        ),
        pytest.param(
            a("request", url="https://api.example/x", details=("Access … has been blocked by CORS policy",)),
            APP,
            f"not pages of {ORIGIN}",
            id="cors",
        ),
        pytest.param(
            a("request", url=TUNNEL + "/shop/x.js", resource="script", status=404), APP, "in them twice", id="twice"
        ),
        pytest.param(a("request", url=TUNNEL + "/x.js", resource="script", status=404), APP, "--mode spa", id="chunk"),
        pytest.param(
            a("request", url=TUNNEL + "/x.js", resource="script", status=404), SPA, "--mode app", id="chunk-spa"
        ),
        pytest.param(a("request", url=TUNNEL + "/login", status=403, body="CSRF failed"), APP, "trusts", id="csrf"),
        pytest.param(a("request", url=TUNNEL + "/me", status=401), APP, "cookie", id="session"),
        pytest.param(a("request", url=TUNNEL + "/x", status=500), APP, "headers of both", id="fails"),
        pytest.param(a("request", url=TUNNEL + "/x", status=404), APP, "Let /page use", id="missing"),
        pytest.param(a("request", url=TUNNEL + "/x", details=("net::ERR_FAILED",)), APP, "--mode spa", id="any"),
        pytest.param(a("websocket", details=("Unexpected response code: 403",)), APP, "checks Origin", id="socket-403"),
        pytest.param(
            a("websocket", details=("Unexpected response code: 404",)), APP, "no WebSocket at", id="socket-404"
        ),
        pytest.param(a("websocket", details=("closed",)), APP, "accepts another connection", id="socket"),
        pytest.param(a("cookie", details=("InvalidPrefix",)), APP, "demands Secure and Path=/", id="cookie-prefix"),
        pytest.param(a("cookie", details=("SecureOnly",)), APP, "it is Secure", id="cookie-secure"),
        pytest.param(a("cookie", details=("UserPreferences",)), APP, "did not take it;", id="cookie"),
    ],
)
def test_requests_that_fail(symptom: Symptom, situation: Situation, said: str) -> None:
    assert said in words(symptom, situation)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("TypeError: Failed to register a ServiceWorker: A bad HTTP response code (404)", "service worker"),
        ("Loading the script 'x' violates the following Content Security Policy directive", "Content-Security-Policy"),
        ("Mixed Content: The page at …", "by https"),
        ("ChunkLoadError: Loading chunk 7 failed.", "base path"),
        ("TypeError: Failed to fetch dynamically imported module: U/x.js", "base path"),
        ("Unexpected token '<', \"<!doctype \"... is not valid JSON", "expected data"),
        ('No routes matched location "/shop/users"', "reads its route"),
        ("Hydration failed because the initial UI does not match", "reads its route"),
        ("x is not a function", "?__hw_off"),
    ],
)
@pytest.mark.parametrize("kind", ["console", "uncaught"])
def test_what_pages_complain_about(kind: Kind, what: str, said: str) -> None:
    assert said in words(a(kind, what))


@pytest.mark.parametrize("kind", ["console", "shown"])
def test_what_follows_from_lost_requests_is_told_as_such(kind: Kind) -> None:
    assert "--mode spa" in words(a(kind))
    assert "--mode" not in words(a(kind), replace(APP, is_lossy=True))


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("situation", [APP, SPA, STATIC, RAW, replace(APP, layers=(), upstream=None)])
def test_every_kind_gets_advice_whatever_is_known(kind: Kind, situation: Situation) -> None:
    assert words(a(kind), situation)
    assert words(Symptom(kind, "", ""), situation)


def test_a_whole_verdict() -> None:
    tunnelled = MadeUp().asks(ORIGIN + "/api", 404).complains("no data").complains("in any case")
    direct = MadeUp(UPSTREAM).complains("in any case")
    verdict = diagnose(tunnelled.visitor, [direct.visitor], APP.upstream)
    assert [finding.symptom.kind for finding in verdict.findings] == ["leak", "console"]
    assert "Repair these first" in verdict.findings[1].advice.suggestion
    assert [symptom.what for symptom in verdict.also_direct] == ["in any case"]
    assert (verdict.situation.base, verdict.situation.layers) == (TUNNEL, ALL)


def test_a_leak_that_was_sent_back_explains_no_error() -> None:
    tunnelled = MadeUp().asks(ORIGIN + "/api", 307, recovered=True).complains("no data")
    verdict = diagnose(tunnelled.visitor, [MadeUp(UPSTREAM).visitor], APP.upstream)
    assert not verdict.situation.is_lossy
