from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls, check_name, suggest_name
from app.domain.upstream import Upstream
from backend_lambda.core.routing import NAME
from backend_lambda.protocol.messages import Mode

PATH, HOST = "http://127.0.0.1:1/shop/", "http://shop.localhost:1/"


@pytest.mark.parametrize("name", ["shop", "a", "a-b", "3000", "x" * 63])
def test_labels_are_names(name: str) -> None:
    assert check_name(f"  {name.upper()} ") == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "a.b", "a_b", "x" * 64, "a/b", "käse", "__hw", "..", "a\nb"])
def test_anything_else_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        check_name(name)
    assert caught.value.problem.code == "bad_name"
    assert "63" in caught.value.problem.hint


@given(st.text(max_size=80))
def test_suggestions_are_valid_for_app_and_backend(base: str) -> None:
    name = suggest_name(base)
    assert check_name(name) == name
    assert NAME.fullmatch(name)
    assert re.search(r"-[a-z2-9]{6}$", name)


def test_suggestions_cannot_be_guessed() -> None:
    assert len({suggest_name("shop") for _ in range(200)}) == 200


@pytest.mark.parametrize(
    ("mode", "urls", "public"),
    [
        ("auto", TunnelUrls(PATH, HOST), PATH),
        ("raw", TunnelUrls(PATH, HOST), PATH),
        ("host", TunnelUrls(PATH, HOST), HOST),
        ("host", TunnelUrls(PATH), PATH),
        ("host", None, None),
        ("auto", None, None),
    ],
)
def test_the_address_to_give_away(mode: Mode, urls: TunnelUrls | None, public: str | None) -> None:
    spec = TunnelSpec("shop", Upstream("http", "localhost", 3000), mode=mode)
    assert TunnelStatus(spec, TunnelState.ONLINE, urls).public_url == public
