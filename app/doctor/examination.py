"""The visits that a verdict takes: directly, through the tunnel, and once more where chance may have been at work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.doctor.comparison import ABSOLUTE
from app.doctor.diagnosis import Diagnosis, diagnose
from app.doctor.look import Look, Plan, look
from app.doctor.symptoms import layers_of
from app.doctor.visit import visit
from app.doctor.visitor import Visitor
from app.domain.problems import fail
from app.domain.upstream import Upstream
from backend_lambda.protocol.errors import FAILURES

Way = Literal["direct", "tunnel"]

_LOAD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Examination:
    """chromium: path of the browser; told: hears of each visit that counts, when it is over"""

    chromium: str
    plan: Plan
    told: Callable[[Way, Visitor], None]
    verify_tls: bool = True

    async def direct(self, service: Upstream) -> Visitor:
        """Raises HatchwayError `page_failed`, `browser_failed`."""
        return await self._visit(service.origin)

    async def examine(self, base: str, service: Upstream | None, direct: Visitor | None, *, auto: bool) -> Diagnosis:
        """The verdict about the page of this tunnel. direct: None if there is nothing to compare with.

        auto: the tunnel may yet recognise a single-page app, and show it otherwise from then on
        Raises HatchwayError `page_failed`, `browser_failed`.
        """
        if direct is not None:
            self.told("direct", direct)
        directs = [] if direct is None else [direct]
        links = None if direct is None else _links(direct)
        tunnelled = await self._visit(base, links)
        _check(tunnelled)
        verdict = diagnose(tunnelled, directs, service)
        if verdict.findings and auto and "L5" not in layers_of(tunnelled):
            again = await self._visit(base, links)
            if "L5" in layers_of(again):
                tunnelled = again
                verdict = diagnose(tunnelled, directs, service)
        self.told("tunnel", tunnelled)
        if service is not None and directs and any(one.symptom.kind not in ABSOLUTE for one in verdict.findings):
            # What is different each time is not the tunnel's doing.
            verdict = diagnose(tunnelled, [*directs, await self._visit(service.origin, links)], service)
        return verdict

    async def _visit(self, base: str, links: tuple[str, ...] | None = None) -> Visitor:
        from playwright.async_api import Error

        async def script(visitor: Visitor) -> Look:
            return await look(visitor, self.plan, links)

        try:
            return await visit(
                self.chromium, base, script, seconds=_LOAD_SECONDS, traced=True, verify_tls=self.verify_tls
            )
        except Error as error:
            reason = str(error).partition("\n")[0]
            raise fail("browser_failed", f"The browser gave up ({reason})", "you", "Try it once more.") from error


def is_tunnelled(visitor: Visitor) -> bool:
    """Whether what was taken for a service is a tunnel. Raises HatchwayError `page_failed` if that one is gone."""
    _check(visitor)
    return bool(layers_of(visitor))


def _check(visitor: Visitor) -> None:
    first = next((asked for asked in visitor.asked if asked.kind == "document"), None)
    answer = None if first is None else visitor.answers.get((first.method, first.url))
    if first is not None and answer is not None and (failure := FAILURES.get(answer.error)) is not None:
        title = f"{failure.title.rstrip('.')} ({first.url})"
        raise fail("page_failed", title, "your service" if failure.side == "service" else "relay", failure.hint)


def _links(visitor: Visitor) -> tuple[str, ...]:
    seen = visitor.seen
    assert isinstance(seen, Look)
    return seen.links
