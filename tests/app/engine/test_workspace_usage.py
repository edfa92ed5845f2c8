"""What tunnels cost is counted by the workspace, and still known after a restart."""

from __future__ import annotations

from app.domain.events import UsageChanged
from app.domain.usage import Usage
from tests.app.engine.live import Open, Service, spec_of


async def test_what_was_used_is_known_after_a_restart(open_: Open) -> None:
    async with open_() as opened:
        for _ in range(2):
            opened.workspace._publish(UsageChanged("t1", "shop", Usage(requests=2, ws_messages=5)))
        assert opened.workspace.usage("t1").start == Usage(requests=4, ws_messages=10)
        assert len([event for event in opened.heard.events if isinstance(event, UsageChanged)]) == 2
    async with open_() as opened:
        report = opened.workspace.usage("t1")
        assert (report.today, report.start) == (Usage(requests=4, ws_messages=10), Usage())
        assert opened.workspace.usage_book.report_of("shop") == report


async def test_a_tunnel_of_this_computer_uses_nothing(open_: Open, service: Service) -> None:
    async with open_() as opened:
        spec = spec_of(service)
        await opened.workspace.add_tunnel(spec)
        await opened.recorded(await opened.online(spec))
        await opened.workspace.stop_tunnel(spec.id)
        assert not any(isinstance(event, UsageChanged) for event in opened.heard.events)
        assert not opened.workspace.usage(spec.id)
