from __future__ import annotations

import pytest

from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream
from app.viewmodels.mode_text import MODES, mode_explanation, mode_name, mode_words
from backend_lambda.protocol.messages import Mode

PATH, HOST = "http://127.0.0.1:1/shop/", "http://shop.localhost:1/"


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_a_name_with_its_word_and_one_line(mode: Mode) -> None:
    assert mode_name(mode).endswith(f"({mode})")
    assert mode_explanation(mode).endswith(".")
    assert len(mode_explanation(mode)) < 120


def test_the_default_comes_first() -> None:
    assert MODES[0] == TunnelSpec("shop", Upstream("http", "localhost", 1)).mode == "auto"


@pytest.mark.parametrize(
    ("mode", "urls", "words"),
    [
        ("auto", TunnelUrls(PATH), ""),
        ("spa", TunnelUrls(PATH), "mode spa"),
        ("host", TunnelUrls(PATH, HOST), "mode host"),
        ("host", None, "mode host"),
        ("host", TunnelUrls(PATH), "mode host, but this relay has no host URLs"),
    ],
)
def test_what_the_head_of_a_tunnel_says(mode: Mode, urls: TunnelUrls | None, words: str) -> None:
    spec = TunnelSpec("shop", Upstream("http", "localhost", 1), mode=mode)
    assert mode_words(TunnelStatus(spec, TunnelState.ONLINE, urls)) == words
