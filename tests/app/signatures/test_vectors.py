"""The providers' own examples, and what every scheme has in common."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Headers
from app.domain.webhook import SIGNATURE_HEADERS
from app.signatures.scheme import TOLERANCE, Scheme, Signed, State, replaced
from app.signatures.table import SCHEMES, recognise

FORM = ("Content-Type", "application/x-www-form-urlencoded")
GITHUB = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
    b".803a0bc887a14d10d2c447fce8b6703c"
)
VECTORS: dict[str, tuple[str, float, Signed]] = {
    "github": (
        "It's a Secret to Everybody",
        0,
        Signed("", (("X-Hub-Signature-256", f"sha256={GITHUB}"),),
               b"Hello, World!"),
    ),
    "slack": (
        "8f742231b10e8888abcd99yyyzzz85a5",
        1531420618,
        Signed("", (("X-Slack-Request-Timestamp", "1531420618"), FORM,
                    ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")),
               SLACK_BODY),
    ),
    "webhook": (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1614265330,
        Signed("", (("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                    ("webhook-signature", "v1,old v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,x")),
               b'{"test": 2432232314}'),
    ),
    "svix": (
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        1731705121,
        Signed("", (("svix-id", "msg_loFOjxBNrRLzqYUf"), ("svix-timestamp", "1731705121"),
                    ("svix-signature", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")),
               b'{"event_type":"ping","data":{"success":true}}'),
    ),
    "twilio": (
        "12345",
        0,
        Signed("https://mycompany.com/myapp.php?foo=1&bar=2",
               (FORM, ("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")),
               b"Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"),
    ),
}  # fmt: skip


def scheme_of(key: str) -> Scheme:
    return next(scheme for scheme in SCHEMES if scheme.key == key)


@pytest.mark.parametrize("key", VECTORS)
def test_the_providers_own_example_is_valid(key: str) -> None:
    secret, now, request = VECTORS[key]
    assert recognise(request.headers) is scheme_of(key)
    assert scheme_of(key).check(request, secret, now).state is State.VALID


HEADERS: dict[str, Headers] = {
    "stripe": (("Stripe-Signature", "t=1,v1=x"),),
    "github": (("X-Hub-Signature-256", "x"),),
    "slack": (("X-Slack-Request-Timestamp", "1"), ("X-Slack-Signature", "x")),
    "shopify": (("X-Shopify-Hmac-Sha256", "x"),),
    "svix": (("svix-id", "m"), ("svix-timestamp", "1"), ("svix-signature", "x")),
    "webhook": (("webhook-id", "m"), ("webhook-timestamp", "1"), ("webhook-signature", "x")),
    "twilio": (("X-Twilio-Signature", "x"),),
}
TIMED = {"stripe", "slack", "svix", "webhook"}
SECRET, NOW = "whsec_c2VjcmV0IHNlY3JldA==", 1_764_150_000.5


def signed(key: str, body: bytes = b'{"a": 1}', now: float = NOW) -> Signed:
    request = Signed("https://shop.example/hook?x=1", (("Host", "x"), *HEADERS[key], ("X-Last", "1")), body)
    return replace(request, headers=replaced(request.headers, scheme_of(key).sign(request, SECRET, now)))


def test_every_scheme_is_tested() -> None:
    assert {scheme.key for scheme in SCHEMES} == set(HEADERS)


@pytest.mark.parametrize("key", HEADERS)
def test_what_is_signed_anew_is_valid_and_nothing_else_changed(key: str) -> None:
    request = signed(key)
    scheme = scheme_of(key)
    assert recognise(request.headers) is scheme
    assert scheme.check(request, SECRET, NOW).state is State.VALID
    assert [name for name, _ in request.headers] == ["Host", *(name for name, _ in HEADERS[key]), "X-Last"]


@pytest.mark.parametrize("key", HEADERS)
def test_another_body_secret_or_signature_is_invalid(key: str) -> None:
    request, scheme = signed(key), scheme_of(key)
    if key != "twilio":  # it signs the URL, and forms
        assert scheme.check(replace(request, body=b"{}"), SECRET, NOW).state is State.INVALID
    assert scheme.check(request, "whsec_b3RoZXI=", NOW).state is State.INVALID
    assert scheme.check(replace(request, headers=HEADERS[key]), SECRET, NOW).state is State.INVALID


@pytest.mark.parametrize("key", HEADERS)
@pytest.mark.parametrize("shift", [TOLERANCE + 1, -TOLERANCE - 2])
def test_ten_minutes_later_it_has_expired_where_there_is_a_time(key: str, shift: int) -> None:
    check = scheme_of(key).check(signed(key), SECRET, NOW + shift)
    assert check.state is (State.EXPIRED if key in TIMED else State.VALID)
    assert (check.age is not None) == (key in TIMED)


def test_bodies_of_twilio_that_are_no_forms_are_named_in_the_url() -> None:
    body = b'{"a": 1}'
    url = f"https://x.example/?bodySHA256={hashlib.sha256(body).hexdigest()}"
    request = Signed(url, (("X-Twilio-Signature", "x"),), body)
    request = replace(request, headers=scheme_of("twilio").sign(request, SECRET, NOW))
    assert scheme_of("twilio").check(request, SECRET, NOW).state is State.VALID
    assert scheme_of("twilio").check(replace(request, body=b"{}"), SECRET, NOW).state is State.INVALID


def test_twilios_urls_may_name_the_default_port() -> None:
    request = Signed("https://x.example:443/", (("X-Twilio-Signature", "x"),), b"")
    request = replace(request, headers=scheme_of("twilio").sign(request, SECRET, NOW))
    assert scheme_of("twilio").check(replace(request, url="https://x.example/"), SECRET, NOW).state is State.VALID


def test_every_scheme_has_its_headers_and_the_other_way_round() -> None:
    assert [scheme.key for scheme in SCHEMES] == list(SIGNATURE_HEADERS)


def test_other_requests_have_no_signature() -> None:
    assert recognise((("Authorization", "x"), ("webhook-id", "1"))) is None


@given(st.sampled_from(sorted(HEADERS)), st.lists(st.text(max_size=30), min_size=3, max_size=3), st.text(max_size=20))
def test_whatever_strangers_send_is_only_invalid(key: str, values: list[str], secret: str) -> None:
    headers = tuple((name, value) for (name, _), value in zip(HEADERS[key], values, strict=False))
    if recognise(headers) is scheme_of(key):
        state = scheme_of(key).check(Signed("http://x/", headers, b"x"), secret, NOW).state
        assert state in (State.INVALID, State.EXPIRED)
        scheme_of(key).sign(Signed("http://x/", headers, b"x"), secret, NOW)
