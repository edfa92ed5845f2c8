from __future__ import annotations

import pytest

from app.doctor.records import Frame, RefusedCookie
from app.doctor.symptoms import Symptom, layers_of, local_kind, places, symptoms
from app.domain.upstream import parse_upstream
from tests.app.doctor.visits import ALL, TUNNEL, UPSTREAM, MadeUp

ORIGIN = "http://127.0.0.1:4780"
SERVICE = parse_upstream(UPSTREAM)


def found(visit: MadeUp) -> list[Symptom]:
    return symptoms(visit.visitor, tunnelled=bool(visit.visitor.prefix), upstream=SERVICE)


def told(visit: MadeUp) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in found(visit)]


def test_a_page_without_faults() -> None:
    assert told(MadeUp().asks(TUNNEL + "/api").asks("https://cdn.example/x.js").asks("data:text/plain,x")) == []


def test_a_lost_leak_with_all_that_was_said_about_it() -> None:
    visit = MadeUp().asks(ORIGIN + "/api", 404)
    visit.complains("Failed to load resource: 404", about=ORIGIN + "/api").complains(f"Cannot load {ORIGIN}/api!")
    (leak,) = found(visit)
    assert (leak.kind, leak.what, leak.page) == ("leak", "GET /api", "/page")
    assert leak.details == ("404", f"Cannot load {ORIGIN}/api!")
    assert leak.answer is not None
    assert not leak.answer.recovered


def test_a_leak_that_was_sent_back_and_the_request_that_follows() -> None:
    visit = MadeUp().asks(ORIGIN + "/api", 307, recovered=True).asks(TUNNEL + "/api")
    (leak,) = found(visit)
    assert leak.answer is not None
    assert leak.answer.recovered


def test_a_websocket_that_leaks_is_told_once() -> None:
    socket = ORIGIN.replace("http", "ws") + "/hmr"
    visit = MadeUp().asks(socket, "socket hang up", kind="websocket")
    visit.complains(f"WebSocket connection to '{socket}' failed: 404")
    assert told(visit) == [("leak", "WebSocket /hmr")]


@pytest.mark.parametrize("layers", [ALL, (*ALL, "L5")], ids=["app", "spa"])
def test_reloads_at_the_root_are_by_design_in_mode_spa_only(layers: tuple[str, ...]) -> None:
    visit = MadeUp(layers=layers)
    shown = ORIGIN + "/page"
    visit.asks(shown, kind="document", page=shown + "#here", error="unknown_tunnel")
    visit.asks(visit.page, kind="document", page=shown, layers=layers)
    assert bool(found(visit)) == ("L5" not in layers)


def test_other_documents_at_the_root_are_leaks_in_mode_spa_too() -> None:
    visit = MadeUp(layers=(*ALL, "L5"))
    visit.asks(ORIGIN + "/elsewhere", kind="document", page=ORIGIN + "/page")
    assert told(visit) == [("leak", "GET /elsewhere")]


def test_failed_requests_in_words_that_another_visit_shares() -> None:
    through = MadeUp().asks(TUNNEL + "/api?id=7", 500).asks("https://cdn.example/x.js", "net::ERR_NAME_NOT_RESOLVED")
    directly = MadeUp(UPSTREAM).asks(UPSTREAM + "/api?id=8", 500)
    directly.asks("https://cdn.example/x.js", "net::ERR_NAME_NOT_RESOLVED")
    assert [one.what for one in found(through)] == ["GET /api?id=7", "GET https://cdn.example/x.js"]
    assert [one.key for one in found(through)] == [one.key for one in found(directly)]
    assert found(MadeUp().asks(TUNNEL + "/api?id=7", 502))[0].key != found(through)[0].key


def test_the_same_thing_again_is_counted() -> None:
    visit = MadeUp().asks(TUNNEL + "/api?t=1", 500).asks(TUNNEL + "/api?t=1").asks(TUNNEL + "/api?t=2", 500)
    visit.complains("no data").complains("no data").complains("no data")
    assert [one.times for one in found(visit)] == [2, 3]


def test_complaints_about_nothing_else() -> None:
    visit = MadeUp().asks(TUNNEL + "/api", 500)
    visit.complains(f"{TUNNEL}/api/v2 is old").complains("gone\n in  lines", kind="uncaught")
    visit.complains("Failed to load resource: 404", about=TUNNEL + "/unknown")
    assert told(visit) == [
        ("request", "GET /api"),
        ("uncaught", "gone in lines"),
        ("console", f"{TUNNEL}/api/v2 is old"),
        ("console", "Failed to load resource: 404 /unknown"),
    ]


def test_cookies_by_the_names_that_the_app_gave_them() -> None:
    visit = MadeUp()
    visit.visitor.trace.cookies = [
        RefusedCookie("__Secure-hw.shop.Host-id", ("SecureOnly",), TUNNEL + "/login"),
        RefusedCookie("hw.shop.Own-hw_x", ("SameSiteStrict",), TUNNEL + "/login"),
        RefusedCookie("id", ("ThirdPartyPhaseout",), "https://elsewhere.example/"),
    ]
    assert told(visit) == [("cookie", "cookie __Host-id"), ("cookie", "cookie hw_x")]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        pytest.param("http://localhost:3000/api", "own_service", id="localhost"),
        pytest.param("ws://127.0.0.1:3000/hmr", "own_service", id="127.0.0.1"),
        pytest.param("http://0.0.0.0:3000/x", "own_service", id="0.0.0.0"),
        pytest.param("http://[::1]:3000/x", "own_service", id="::1"),
        pytest.param("http://localhost:3001/x", "other_service", id="port"),
        pytest.param("http://localhost/x", "other_service", id="default-port"),
        pytest.param("http://192.168.1.5:3000/x", "other_service", id="private"),
        pytest.param("https://cdn.example/x", None, id="cdn"),
        pytest.param("http://127.0.0.1:4780/other/x", None, id="own-host"),
        pytest.param("http://8.8.8.8/x", None, id="public-address"),
        pytest.param("blob:http://localhost:3000/1", None, id="blob"),
        pytest.param("data:text/plain,http://localhost:3000", None, id="data"),
        pytest.param("http://localhost:99999/x", None, id="no-port"),
    ],
)
def test_what_leads_past_the_tunnel(url: str, kind: str | None) -> None:
    visit = MadeUp()
    assert local_kind(url, visit.visitor.address, SERVICE) == kind
    own = url.startswith(ORIGIN)  # there it is a leak
    assert [one.kind for one in found(visit.asks(url))] == (["leak"] if own else [kind] if kind else [])


def test_a_service_that_is_not_on_this_computer() -> None:
    address = MadeUp().visitor.address
    assert local_kind("https://app.example/x", address, parse_upstream("https://app.example")) == "own_service"
    assert local_kind("http://localhost:3000/x", address, None) == "other_service"


def test_a_direct_visit_may_ask_anybody() -> None:
    assert told(MadeUp(UPSTREAM).asks("http://localhost:3001/x").asks(UPSTREAM + "/y")) == []


def test_places_in_the_code() -> None:
    address = MadeUp().visitor.address
    frames = [
        Frame(TUNNEL + "/app.js", 3, "load"),
        Frame(TUNNEL + "/app.js", 3, "load"),
        Frame("https://cdn.example/x.js"),
    ]
    assert places(frames, address) == ("load (/app.js:3)", "https://cdn.example/x.js")


def test_the_layers_are_those_of_the_latest_page() -> None:
    visit = MadeUp(layers=("L0", "L1"))
    visit.asks(TUNNEL + "/style.css", kind="stylesheet", layers=("L0",))
    assert layers_of(visit.visitor) == ("L0", "L1")
    visit.asks(TUNNEL + "/next", kind="document", layers=ALL)
    assert layers_of(visit.visitor) == ALL
