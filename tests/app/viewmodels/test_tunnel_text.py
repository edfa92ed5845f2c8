from __future__ import annotations

import pytest

from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.viewmodels.tunnel_text import (
    duration,
    grouped,
    header_words,
    list_words,
    seconds_to_retry,
    spoken,
    state_words,
)

NOW = 1_000_000.0


def status(state: TunnelState, *, retry_at: float | None = None, since: float = 0.0) -> TunnelStatus:
    spec = TunnelSpec("shop", Upstream("http", "localhost", 3000))
    return TunnelStatus(spec, state, retry_at=retry_at, since=since)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (86399, "23 h"),
        (90000, "1 d"),
    ],
)
def test_durations_have_one_unit_and_are_rounded_down(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("retry_at", "words"),
    [
        (NOW + 8, "retrying in 8 s"),
        (NOW + 7.1, "retrying in 8 s"),
        (NOW, "retrying…"),
        (NOW - 5, "retrying…"),
        (None, "reconnecting…"),
    ],
)
def test_countdown_rounds_up_and_never_goes_below_zero(retry_at: float | None, words: str) -> None:
    assert state_words(status(TunnelState.RECONNECTING, retry_at=retry_at), NOW) == words


def test_no_retry_planned_has_no_seconds() -> None:
    assert seconds_to_retry(status(TunnelState.ONLINE), NOW) is None


def test_list_says_the_port_only_while_online() -> None:
    assert list_words(status(TunnelState.ONLINE), NOW) == ":3000"
    assert list_words(status(TunnelState.STOPPED), NOW) == "paused"
    assert list_words(status(TunnelState.FAILED), NOW) == "failed"


def test_header_says_for_how_long_it_is_up() -> None:
    assert header_words(status(TunnelState.ONLINE, since=NOW - 7300), NOW) == "up 2 h"
    assert header_words(status(TunnelState.STOPPED, since=NOW - 7300), NOW) == "paused"


def test_screen_readers_hear_name_state_and_target() -> None:
    assert spoken(status(TunnelState.STOPPED), NOW) == "shop, paused, forwards to http://localhost:3000"


def test_digits_are_grouped() -> None:
    assert grouped(999) == "999"
    assert grouped(1204567) == "1\u202f204\u202f567"
