from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.doctor_lines import Report, advice_fields, finding_lines, symptom_fields, verdict_fields, visit_fields
from app.cli.output import Output
from app.doctor.diagnosis import Diagnosis, diagnose
from app.domain.events import ExchangeRewritten
from app.domain.exchange import Rewriting
from app.domain.upstream import parse_upstream
from tests.app.doctor.visits import TUNNEL, UPSTREAM, MadeUp

ORIGIN = "http://127.0.0.1:4780"
_page = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")


def a_verdict(tunnelled: MadeUp, direct: MadeUp | None = None) -> Diagnosis:
    directs = [] if direct is None else [direct.visitor]
    return diagnose(tunnelled.visitor, directs, None if direct is None else parse_upstream(UPSTREAM))


def said(
    capfd: pytest.CaptureFixture[str], tunnelled: MadeUp, direct: MadeUp | None = None, *, as_json: bool = False
) -> str:
    output = Output(as_json=as_json)
    report = Report(output, 3)
    report.begin()
    report.listener(ExchangeRewritten("id", "1", "shop", Rewriting("html", ("L0",), {"url": 2, "runtime": 1})))
    if direct is not None:
        report.visited("direct", direct.visitor)
    report.visited("tunnel", tunnelled.visitor)
    report.finish(a_verdict(tunnelled, direct))
    output.close()
    return capfd.readouterr().out


def test_nothing_found(capfd: pytest.CaptureFixture[str]) -> None:
    out = said(capfd, MadeUp().asks("ws://127.0.0.1:4780/shop/hmr", kind="websocket"), MadeUp(UPSTREAM))
    assert f"directly            {UPSTREAM}/page\n" in out
    assert f"through the tunnel  {TUNNEL}/page\n" in out
    assert "1 request, 1 WebSocket, 3 edits   L0 L1 L2 L3 L4" in out
    assert out.endswith("Nothing goes wrong through the tunnel that does not go wrong without it.\n")


def test_something_found_and_something_else_anyway(capfd: pytest.CaptureFixture[str]) -> None:
    tunnelled = MadeUp().asks(ORIGIN + "/api", 307, recovered=True).asks(TUNNEL + "/logo.png", 404, kind="image")
    out = said(capfd, tunnelled, MadeUp(UPSTREAM).asks(UPSTREAM + "/logo.png", 404, kind="image"))
    assert "leak     GET /api (sent back)\n         asked by /page (fetch)\n" in out
    assert "         → " in out
    assert "Also without the tunnel:\n  failed   GET /logo.png → 404\n" in out
    assert out.endswith("\n1 finding.\n")


def test_nothing_to_compare_with(capfd: pytest.CaptureFixture[str]) -> None:
    out = said(capfd, MadeUp().complains("who knows"))
    assert "Not known whether this happens without the tunnel, too:\n  console  who knows\n" in out
    assert "nothing to compare with" in out


def test_the_same_advice_is_given_once() -> None:
    tunnelled = MadeUp(layers=("L0", "L1"))
    for number in range(12):
        tunnelled.asks(f"{ORIGIN}/part-{'x' * number}.js", 404, kind="script")
    lines = finding_lines(a_verdict(tunnelled, MadeUp(UPSTREAM)).findings, colour=False)
    assert sum(line.startswith("leak") for line in lines) == 10
    assert "… and 2 more of the same; --json names all." in "\n".join(lines)
    assert sum("--mode app" in line for line in lines) == 1


def test_json(capfd: pytest.CaptureFixture[str]) -> None:
    tunnelled = MadeUp().asks(ORIGIN + "/api", 404).complains("in any case")
    direct = MadeUp(UPSTREAM).complains("in any case")
    events = [json.loads(line) for line in said(capfd, tunnelled, direct, as_json=True).splitlines()]
    visited, through, finding, observation, finished = events
    assert [event["event"] for event in events] == [
        "page.visited", "page.visited", "finding", "observation", "doctor.finished"
    ]  # fmt: skip
    assert (visited["way"], visited["url"], visited["layers"], visited["edits"]) == (
        "direct",
        UPSTREAM + "/page",
        [],
        {},
    )
    assert (through["way"], through["requests"], through["edits"]) == ("tunnel", 2, {"url": 2, "runtime": 1})
    assert (finding["kind"], finding["what"], finding["status"], finding["url"]) == (
        "leak",
        "GET /api",
        404,
        ORIGIN + "/api",
    )
    assert (observation["also_direct"], observation["what"]) == (True, "in any case")
    assert finished == {
        "event": "doctor.finished", "findings": 1, "also_direct": 1, "unjudged": 0, "compared": True
    }  # fmt: skip


def test_json_without_a_comparison(capfd: pytest.CaptureFixture[str]) -> None:
    events = [json.loads(line) for line in said(capfd, MadeUp().complains("who knows"), as_json=True).splitlines()]
    assert [event["event"] for event in events] == ["page.visited", "observation", "doctor.finished"]
    assert (events[1]["also_direct"], events[2]["unjudged"], events[2]["compared"]) == (None, 1, False)


def test_nothing_of_a_page_steers_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    tunnelled = MadeUp().complains("\x1b[2J\r\x9b2J red").asks(ORIGIN + "/\x1b[2J", 404, page="http://x/\x1b[2J")
    tunnelled.shows("other", title="\x1b[2J")
    out = said(capfd, tunnelled, MadeUp(UPSTREAM).shows("text"))
    assert "\\x1b[2J" in out
    assert all(char.isprintable() or char == "\n" for char in out)


def test_colours_only_where_wanted() -> None:
    findings = a_verdict(MadeUp().asks(ORIGIN + "/api", 404), MadeUp(UPSTREAM)).findings
    assert finding_lines(findings, colour=True)[0].startswith("\x1b[33mleak")
    assert "\x1b" not in "".join(finding_lines(findings, colour=False))


def test_every_field_and_kind_is_documented() -> None:
    verdict = a_verdict(MadeUp().asks(ORIGIN + "/api", 404), MadeUp(UPSTREAM))
    (finding,) = verdict.findings
    fields = (
        visit_fields("direct", MadeUp().visitor, {}).keys()
        | symptom_fields(finding.symptom).keys()
        | advice_fields(finding).keys()
        | verdict_fields(verdict).keys()
    )
    for name in fields:
        assert f"`{name}`" in _page, name
