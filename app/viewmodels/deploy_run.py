"""One run of Terraform as the window follows it; it goes on when the dialog that started it is closed."""

from __future__ import annotations

import asyncio
import enum
import time
from collections import deque
from collections.abc import Callable, Coroutine

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.deployment import Deployment, DeployPlan, DeployProgress
from app.domain.problems import HatchwayError, Problem
from app.engine.api import Workspace
from app.engine.backends import profile_of

_MOST_LINES = 5000
_LONGEST_LINE = 2000  # characters; one endless line would freeze a text view


class RunState(enum.Enum):
    """Where a run stands."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"  # asked to stop; AWS finishes what it does right now
    DONE = "done"
    FAILED = "failed"


class DeployRun(QObject):
    """changed: the state, or how far it is. logged(line): one more line; `lines` has them all.

    working: the addresses of resources that are being made (or deleted) right now
    profile: of the backend that was made; problem: why it failed, or was stopped
    """

    changed = Signal()
    logged = Signal(str)

    def __init__(
        self, workspace: Workspace, *, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._clock = clock
        self._ticker = QTimer(self, interval=1000)
        self._ticker.timeout.connect(self.changed)
        self._finished = asyncio.Event()
        self._finished.set()
        self.state = RunState.IDLE
        self.plan: DeployPlan | None = None
        self.profile: BackendProfile | None = None
        self.problem: Problem | None = None
        self._forget()

    @property
    def active(self) -> bool:
        return self.state in (RunState.RUNNING, RunState.STOPPING)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return (self._clock() if self.active else self._ended) - self._began

    async def create(self, plan: DeployPlan) -> None:
        """Do what the plan says, get a token, keep the profile. How it ends, `state` and `problem` say."""
        await self._run(plan, self._create(plan))

    async def tear_down(self, plan: DeployPlan, deployment: Deployment) -> None:
        """Bring its tunnels back to this computer, delete it, forget its profile."""
        await self._run(plan, self._tear_down(plan, deployment))

    def stop(self) -> None:
        """Safely; a second call at once, which may leave resources that nobody knows of."""
        if self.active:
            self.state = RunState.STOPPING
            self._workspace.backends.deployer.stop()
            self.changed.emit()

    async def finished(self) -> None:
        """Wait until nothing runs."""
        await self._finished.wait()

    def reset(self) -> None:
        """What has ended well was seen: the next wizard begins at the beginning."""
        if self.state is RunState.DONE:
            self.state, self.plan, self.profile = RunState.IDLE, None, None
            self._forget()
            self.changed.emit()

    def close(self) -> None:
        self._ticker.stop()

    async def _create(self, plan: DeployPlan) -> None:
        backends = self._workspace.backends
        deployment = await backends.deployer.apply(plan, self._on_progress)
        self.profile = await backends.use(deployment, plan.options.credentials)

    async def _tear_down(self, plan: DeployPlan, deployment: Deployment) -> None:
        backends = self._workspace.backends
        profile = backends.profile(profile_of(deployment, "").id)
        if profile is not None:
            users = [status.spec.id for status in self._workspace.tunnels if status.spec.backend == profile.id]
            await backends.move(users, EMBEDDED)
        await backends.deployer.destroy(plan, self._on_progress)
        if profile is not None:
            await backends.remove(profile.id, move_back=True)

    async def _run(self, plan: DeployPlan, work: Coroutine[None, None, None]) -> None:
        self._forget()
        self.plan, self.profile, self.problem = plan, None, None
        self.state = RunState.RUNNING
        self._finished.clear()
        self._ticker.start()
        self.changed.emit()
        try:
            await work
            self.state = RunState.DONE
        except HatchwayError as error:
            self.state, self.problem = RunState.FAILED, error.problem
            self._log(str(error.problem))
        finally:
            if self.active:  # a bug, which is reported elsewhere, or the end of the app
                self.state = RunState.FAILED
            self._ended = self._clock()
            self.working.clear()
            self._ticker.stop()
            self._finished.set()
            self.changed.emit()

    def _forget(self) -> None:
        self.done = self.total = 0
        self.working: dict[str, None] = {}
        self.made: list[str] = []
        self.lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._began = self._ended = self._clock()

    def _on_progress(self, progress: DeployProgress) -> None:
        self.done, self.total = progress.done, progress.total
        if progress.state == "started":
            self.working[progress.address] = None
        elif progress.state:
            self.working.pop(progress.address, None)
            if progress.state == "done":
                self.made.append(progress.address)
        if progress.line:
            self._log(progress.line)
        self.changed.emit()

    def _log(self, line: str) -> None:
        line = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        self.lines.append(line)
        self.logged.emit(line)
