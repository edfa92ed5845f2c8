from __future__ import annotations

from typing import Any

import pytest

from app.doctor.devtools import Tracer, frames_of_stack
from app.doctor.records import Frame

PAGE = "http://127.0.0.1:4780/shop/"


def sent(initiator: dict[str, Any], url: str = PAGE + "api", request_id: str = "1") -> dict[str, Any]:
    return {"requestId": request_id, "request": {"method": "GET", "url": url}, "initiator": initiator}


def frame(url: str, line: int, function: str = "") -> dict[str, Any]:
    return {"url": url, "lineNumber": line, "columnNumber": 0, "functionName": function, "scriptId": "1"}


def test_the_code_that_asked_without_ours_and_over_await() -> None:
    tracer = Tracer()
    stack = {
        "callFrames": [frame(PAGE + "__hw/rt-1.js", 7, "fetch"), frame(PAGE + "api.js", 2, "load"), frame("", 0)],
        "parent": {"description": "await", "callFrames": [frame(PAGE + "main.js", 9)]},
    }
    tracer._on_request(sent({"type": "script", "stack": stack}))
    tracer._on_request(sent({"type": "other"}))
    assert tracer.finish().origins == {
        ("GET", PAGE + "api"): (Frame(PAGE + "api.js", 3, "load"), Frame(PAGE + "main.js", 10))
    }


@pytest.mark.parametrize(
    ("initiator", "frames"),
    [
        ({"type": "parser", "url": PAGE, "lineNumber": 4, "columnNumber": 1}, (Frame(PAGE, 5),)),
        ({"type": "parser", "url": PAGE + "style.css"}, (Frame(PAGE + "style.css", 0),)),
        ({"type": "other"}, None),
    ],
    ids=["a page", "a style sheet", "nobody"],
)
def test_what_is_no_script(initiator: dict[str, Any], frames: tuple[Frame, ...] | None) -> None:
    tracer = Tracer()
    tracer._on_request(sent(initiator))
    assert tracer.finish().origins.get(("GET", PAGE + "api")) == frames


def test_a_refused_cookie_whose_head_comes_first() -> None:
    tracer = Tracer()
    tracer._on_head(
        {"requestId": "1", "blockedCookies": [{"cookieLine": "a=1; Path=/", "blockedReasons": ["SecureOnly"]}]}
    )
    tracer._on_request(sent({"type": "other"}))
    (cookie,) = tracer.finish().cookies
    assert (cookie.name, cookie.reasons, cookie.url) == ("a", ("SecureOnly",), PAGE + "api")


def test_the_stack_of_an_error() -> None:
    stack = (
        "TypeError: x is not a function (http://127.0.0.1:4780/no:1:1)\n"
        f"    at {PAGE}__hw/rt-1.js:1:5\n"
        f"    at async load ({PAGE}app.js?v=1:12:34)\n"
        f"    at Object.run [as go] ({PAGE}lib.js:5:6)\n"
        f"    at {PAGE}main.js:7:8\n"
        "    at <anonymous>\n"
        "    at new Promise (<anonymous>)"
    )
    assert frames_of_stack(stack) == (
        Frame(PAGE + "app.js?v=1", 12, "async load"),
        Frame(PAGE + "lib.js", 5, "Object.run [as go]"),
        Frame(PAGE + "main.js", 7),
    )
    assert frames_of_stack("") == ()
