"""Which visits are made, and which of them count; the browser is made up."""

from __future__ import annotations

from typing import Any

import pytest

from app.doctor import examination
from app.doctor.diagnosis import Diagnosis
from app.doctor.examination import Examination, Way, is_tunnelled
from app.doctor.look import Plan
from app.doctor.visitor import Visitor
from app.domain.problems import HatchwayError
from app.domain.upstream import parse_upstream
from tests.app.doctor.visits import ALL, TUNNEL, UPSTREAM, MadeUp

SERVICE = parse_upstream(UPSTREAM)
SPA = (*ALL, "L5")


class Visits:
    """What the visits to come will find, by base."""

    def __init__(self, **found: list[MadeUp]) -> None:
        self.coming = {UPSTREAM: found["direct"], TUNNEL: found["tunnel"]}
        self.made: list[str] = []
        self.told: list[tuple[Way, Visitor]] = []

    async def visit(self, _: str, base: str, script: object, **options: Any) -> Visitor:
        assert options["traced"]
        self.made.append(base)
        return self.coming[base].pop(0).visitor

    async def examine(self, *, auto: bool = True, direct: bool = True) -> Diagnosis:
        examining = Examination("chromium", Plan(), lambda way, visitor: self.told.append((way, visitor)))
        first = await examining.direct(SERVICE) if direct else None
        return await examining.examine(TUNNEL, SERVICE if direct else None, first, auto=auto)


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Visits:
    made = Visits(**request.param)
    monkeypatch.setattr(examination, "visit", made.visit)
    return made


def coming(**found: list[MadeUp]) -> Any:
    """The fixture with these visits to come."""
    return pytest.mark.parametrize("visits", [found], indirect=True, ids=[""])


@coming(direct=[MadeUp(UPSTREAM)], tunnel=[MadeUp()])
async def test_one_visit_each_way_where_nothing_is_wrong(visits: Visits) -> None:
    assert (await visits.examine()).findings == ()
    assert visits.made == [UPSTREAM, TUNNEL]
    assert [way for way, _ in visits.told] == ["direct", "tunnel"]


@coming(
    direct=[MadeUp(UPSTREAM), MadeUp(UPSTREAM).complains("by chance")],
    tunnel=[MadeUp(layers=SPA).complains("by chance")],
)
async def test_what_happens_at_the_second_direct_visit_is_chance(visits: Visits) -> None:
    verdict = await visits.examine()
    assert (verdict.findings, [one.what for one in verdict.also_direct]) == ((), ["by chance"])
    assert visits.made == [UPSTREAM, TUNNEL, UPSTREAM]
    assert len(visits.told) == 2


@coming(direct=[MadeUp(UPSTREAM)], tunnel=[MadeUp(layers=SPA).asks("http://127.0.0.1:4780/api", 404)])
async def test_a_leak_needs_no_second_opinion(visits: Visits) -> None:
    assert len((await visits.examine()).findings) == 1
    assert visits.made == [UPSTREAM, TUNNEL]


@coming(direct=[MadeUp(UPSTREAM)], tunnel=[MadeUp().complains("no route"), MadeUp(layers=SPA)])
async def test_a_single_page_app_that_was_recognised_late(visits: Visits) -> None:
    verdict = await visits.examine()
    assert (verdict.findings, verdict.situation.layers) == ((), SPA)
    assert visits.made == [UPSTREAM, TUNNEL, TUNNEL]
    assert len(visits.told) == 2


@coming(direct=[MadeUp(UPSTREAM), MadeUp(UPSTREAM)], tunnel=[MadeUp().complains("first"), MadeUp().complains("second")])
async def test_what_is_none_is_judged_by_its_first_visit(visits: Visits) -> None:
    assert [one.symptom.what for one in (await visits.examine()).findings] == ["first"]


@coming(direct=[MadeUp(UPSTREAM), MadeUp(UPSTREAM)], tunnel=[MadeUp().complains("no route")])
async def test_a_mode_of_ones_choice_is_kept(visits: Visits) -> None:
    assert len((await visits.examine(auto=False)).findings) == 1


@coming(direct=[], tunnel=[MadeUp(layers=SPA).complains("who knows")])
async def test_without_a_service_there_is_only_the_tunnel(visits: Visits) -> None:
    verdict = await visits.examine(direct=False)
    assert (verdict.findings, len(verdict.unjudged)) == ((), 1)
    assert [way for way, _ in visits.told] == ["tunnel"]


@coming(direct=[MadeUp(UPSTREAM)], tunnel=[MadeUp().asks(TUNNEL + "/page", 502, kind="document", error="agent_gone")])
async def test_a_tunnel_that_does_not_answer(visits: Visits) -> None:
    with pytest.raises(HatchwayError) as caught:
        await visits.examine()
    assert caught.value.problem.code == "page_failed"
    assert f"({TUNNEL}/page)" in caught.value.problem.title


def test_what_turns_out_to_be_a_tunnel() -> None:
    assert is_tunnelled(MadeUp("https://t.example", layers=ALL, path="/shop/page").visitor)
    assert not is_tunnelled(MadeUp(UPSTREAM).visitor)
