"""Start and stop the demo service from the app: a helper process behind an Upstream."""

from __future__ import annotations

from app.domain.problems import fail
from app.domain.upstream import Upstream
from app.process.child import ChildProcess


class DemoService:
    """The demo as a helper process on a free port of 127.0.0.1; may be started again after a stop."""

    def __init__(self) -> None:
        self._child: ChildProcess | None = None
        self._upstream: Upstream | None = None

    @property
    def upstream(self) -> Upstream | None:
        """Where it listens, None while it does not run."""
        return self._upstream if self._child is not None and self._child.running else None

    async def start(self, port: int = 0) -> Upstream:
        """Start it (nothing happens if it runs) and return where it listens; port 0 means any free one.

        Raises HatchwayError (`child_failed`).
        """
        if (running := self.upstream) is not None:
            return running
        child = ChildProcess.of_module("app.services.demo", "--port", str(port), name="demo service")
        message = await child.start()
        match message.get("port"):
            case int(bound) if 0 < bound < 65536:
                self._child, self._upstream = child, Upstream("http", "127.0.0.1", bound)
                return self._upstream
            case _:
                await child.stop()
                raise fail("child_failed", "The demo service did not say where it listens", "Hatchway")

    async def stop(self) -> None:
        """End the process; nothing happens if it does not run."""
        child, self._child, self._upstream = self._child, None, None
        if child is not None:
            await child.stop()
