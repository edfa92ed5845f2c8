from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.permissions import map_feature_policy, map_permissions_policy

_U = "http://localhost:3000"
_E = "https://t.example"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            f'geolocation=(self "{_U}"), camera=*,fullscreen="{_U}/x";report-to=r',
            f'geolocation=(self "{_E}"), camera=*,fullscreen="{_E}/x";report-to=r',
            id="RH27-origins",
        ),
        pytest.param('camera=("http://127.0.0.1:3000")', f'camera=("{_E}")', id="RH27-loopback-name"),
        pytest.param(f'camera=("{_U.upper()}")', f'camera=("{_E}")', id="RH27-capitals"),
        *(
            pytest.param(value, value, id=f"RH27-{name}")
            for name, value in (
                ("none", "camera=(), microphone=()"),
                ("others", f'camera=("https://o.example" "{_U}0" "http://localhost" "{_E}")'),
                ("token", f"camera=({_U})"),
                ("unfinished", f'camera="{_E}", x="https://o.example'),
                ("escape", f'camera=("\\"{_U}")'),
            )
        ),
    ],
)
def test_permissions_policy(value: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_permissions_policy(value, below_prefix) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            f"camera  'self' {_U}; fullscreen {_U}/,{_U}",
            f"camera  'self' {_E}; fullscreen {_E}/,{_E}",
            id="RH27-feature-policy",
        ),
        pytest.param(f"camera *; x https://o.example {_U}1", f"camera *; x https://o.example {_U}1", id="RH27-others"),
    ],
)
def test_feature_policy(value: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_feature_policy(value, below_prefix) == expected


@given(st.lists(st.sampled_from(['"', "(", " ", ";", ",", "=", "\\", "a", _U, _E, "/"]), max_size=20).map("".join))
def test_mapping_twice_is_mapping_once(value: str) -> None:
    context = RewriteContext("abc123", "/abc123", _E, _U)
    for function in (map_permissions_policy, map_feature_policy):
        once = function(value, context)
        assert function(once, context) == once
