"""Modes and their layers."""

from __future__ import annotations

import pytest

from backend_lambda.rewrite.modes import MODES, layers_of

_L0, _L1, _APP = ("L0",), ("L0", "L1"), ("L0", "L1", "L2", "L3", "L4")


@pytest.mark.parametrize(
    ("mode", "as_page", "as_spa"),
    [
        ("raw", _L0, _L0),
        ("host", _L0, _L0),
        ("static", _L1, _L1),
        ("app", _APP, _APP),
        ("spa", (*_APP, "L5"), (*_APP, "L5")),
        ("auto", _APP, (*_APP, "L5")),
        ("of a later version", _APP, (*_APP, "L5")),
    ],
)
def test_layers_of_each_mode(mode: str, as_page: tuple[str, ...], as_spa: tuple[str, ...]) -> None:
    assert layers_of(mode, is_spa=False).names == as_page
    assert layers_of(mode, is_spa=True).names == as_spa


def test_only_auto_may_become_spa() -> None:
    assert [mode for mode in MODES if layers_of(mode, is_spa=False).may_strip] == ["auto"]


def test_r24_without_the_runtime_a_page_is_as_in_mode_static() -> None:
    assert layers_of("spa", is_spa=True).without_runtime.names == _L1
    assert layers_of("raw", is_spa=True).without_runtime.names == _L0
