from __future__ import annotations

import pytest

from app.cli.output import Output
from app.cli.replay import _report
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import Problem


@pytest.mark.parametrize("state", [ExchangeState.DONE, ExchangeState.FAILED])
def test_nothing_of_a_visitor_or_service_steers_the_terminal(
    capfd: pytest.CaptureFixture[str], state: ExchangeState
) -> None:
    again = Exchange("shop", "id", "GET", "/\x1b[2J", "http://localhost:1", state=state, status=200)
    again.problem = Problem("upstream_invalid", "It said \x9b2J\x1b[2J", "your service")
    output = Output(as_json=False)
    _report(output, again, again, None, [])
    output.close()
    out = capfd.readouterr().out
    assert out.startswith("GET /\\x1b[2J → ")
    assert out.endswith("\n")
    assert out[:-1].isprintable()
