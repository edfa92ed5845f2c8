from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.redaction.redactor import Redactor
from tests.app.redaction.planted import FORM, HTML, JSON, TEXT, exchange, planted

PLANTED = planted()


def everything(made: Exchange) -> str:
    """All that an export could write of it."""
    values = [getattr(made, field.name) for field in fields(made)]
    texts = [body.data.decode("latin-1") for body in (made.request_body, made.response_body)]
    return "\n".join([*map(str, values), *texts])


def test_more_than_two_hundred_secrets_are_planted() -> None:
    assert sum(len(secrets) for secrets, _ in PLANTED) > 200


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_no_planted_secret_is_left(number: int) -> None:
    secrets, made = PLANTED[number]
    clean = everything(Redactor().exchange(made))
    assert [secret for secret in secrets if secret in clean] == []
    assert "{{" in clean


ORDINARY = [
    exchange(body=b'{"a":1, "tokens_used": 12, "max_tokens": 50,  "has_password": true}', headers=(JSON,)),
    exchange(body=b"name=Anna&passenger=Berta&author=me&keyboard=x", headers=(FORM,)),
    exchange(
        answer=b"<input type=password name=password placeholder=Password> key: a; monkey=1", answer_headers=(HTML,)
    ),
    exchange(answer=b"The token is the smallest part of a text. Author: Anna", answer_headers=(TEXT,)),
    exchange(target="/search?q=password+reset&page=2&keyword=x"),
    exchange(answer=b"\x89PNG\r\n\x00\xff token", answer_headers=(("Content-Type", "image/png"),)),
    exchange(headers=(("User-Agent", "x"), ("Accept", "*/*"), ("X-Request-Id", "7"), ("Host", "a"), ("Etag", '"abc"'))),
    exchange(answer=b'{"password": null, "token": "", "secret": false}', answer_headers=(JSON,)),
    exchange(answer=b'{"expires_in": 3600, "token_type": "bearer", "scope": "a b"}', answer_headers=(JSON,)),
]


@pytest.mark.parametrize("number", range(len(ORDINARY)))
def test_ordinary_traffic_stays_byte_for_byte(number: int) -> None:
    made = ORDINARY[number]
    assert everything(Redactor().exchange(made)) == everything(made)


def test_only_the_secret_changes() -> None:
    body = b'{ "user":"anna" ,"password" : "hunter2hunter2",\n"n":1.50, "list":["a","b"]}'
    clean = Redactor().exchange(exchange(body=body, headers=(JSON,)))
    assert clean.request_body.data == body.replace(b"hunter2hunter2", b"{{password_1}}")


def test_everything_below_a_secret_key_is_a_secret() -> None:
    body = b'{"tokens": ["aaaaaaa", {"x": 12345}], "z": "zzz"}'
    clean = Redactor().exchange(exchange(body=body, headers=(JSON,)))
    assert json.loads(clean.request_body.data) == {
        "tokens": ["{{tokens_1}}", {"x": "{{tokens_2}}"}],
        "z": "zzz",
    }


def test_the_same_secret_has_the_same_name_throughout() -> None:
    redactor = Redactor()
    one = redactor.exchange(exchange(headers=(("X-Api-Key", "abcdefgh"),)))
    two = redactor.exchange(exchange(headers=(("X-Api-Key", "abcdefgh"), ("X-Other-Token", "12345678"))))
    assert one.request_headers == (("X-Api-Key", "{{x_api_key_1}}"),)
    assert two.request_headers == (("X-Api-Key", "{{x_api_key_1}}"), ("X-Other-Token", "{{x_other_token_1}}"))


def test_cookies_and_schemes_keep_their_names() -> None:
    headers = (("Cookie", "a=1; b=2"), ("Authorization", "Bearer xyz"))
    clean = Redactor().exchange(exchange(headers=headers, answer_headers=(("Set-Cookie", "s=1; Path=/; Secure"),)))
    assert clean.request_headers == (
        ("Cookie", "a={{a_1}}; b={{b_1}}"),
        ("Authorization", "Bearer {{authorization_1}}"),
    )
    assert clean.response_headers == (("Set-Cookie", "s={{a_1}}; Path=/; Secure"),)


def test_frames_are_cleaned_too() -> None:
    frame = Frame(0, "visitor", "text", 1, b'{"type":"auth","token":"abcdefghij"}', 36)
    assert Redactor().frame(frame).data == b'{"type":"auth","token":"{{token_1}}"}'
    plain = Frame(0, "visitor", "text", 1, b'{"type":"ping"}', 15)
    assert Redactor().frame(plain) is plain


def test_what_is_clean_stays_clean() -> None:
    for _, made in PLANTED[:60]:
        once = Redactor().exchange(made)
        assert everything(Redactor().exchange(once)) == everything(once)


@given(st.binary(max_size=80), st.text(max_size=30), st.text(max_size=30))
def test_arbitrary_traffic_never_raises(data: bytes, name: str, value: str) -> None:
    latin = value.encode("utf-8").decode("latin-1")
    for kind in (JSON, FORM, HTML, ("Content-Type", f"multipart/form-data; boundary={latin}")):
        Redactor().exchange(exchange(f"/{latin}?token={latin}", (kind, (name, latin)), data, (kind,), data))
