"""One operation of a deployer in its folder: several commands of Terraform after each other, stoppable at any time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from app.backends.api import Progress
from app.backends.aws_problems import Situation
from app.backends.folder import DeploymentFolder
from app.backends.terraform import TerraformRun, environment
from app.backends.terraform_events import Tally, TerraformEvent, parse_line
from app.backends.terraform_problems import problem_of
from app.domain.deployment import DeployProgress, Identity, Step, ToolCheck
from app.domain.problems import HatchwayError, fail
from app.redaction.placeholders import Placeholders
from app.redaction.texts import Texts

_SAID_LINES = 40  # of the end of what was said, for when there is no other reason


class Work:
    """Made on the event loop, used in one thread; `stop` from anywhere."""

    def __init__(self, progress: Progress) -> None:
        self._loop = asyncio.get_running_loop()
        self._progress = progress
        self._lock = threading.Lock()
        self._run: TerraformRun | None = None
        self._stops = 0
        self._texts = Texts(Placeholders(remembered=0))

    def stop(self) -> None:
        with self._lock:
            self._stops += 1
            run = self._run
        if run is not None:
            run.stop()

    def check_stopped(self) -> None:
        """Raises HatchwayError `deploy_stopped`."""
        if self._stops:
            raise fail("deploy_stopped", "Stopped", "you", "What was made is kept: run it again to go on from there.")

    def masked(self, text: str) -> str:
        """Terraform is given no secret; a message of AWS's may still quote one."""
        return self._texts.free(text)

    def tell(self, step: Step, line: str, done: int = 0, total: int = 0) -> None:
        self._report(DeployProgress(step, done, total, line))

    def terraform(
        self, tool: ToolCheck, folder: DeploymentFolder, who: Identity, name: str, tally: Tally, step: Step, *argv: str
    ) -> str:
        """Run `terraform *argv` and return all that it said. Raises HatchwayError with why it failed."""
        run = TerraformRun(
            [tool.program, *argv],
            folder.module,
            environment(who.credentials, who.region, folder.providers),
            folder.log(argv[0]),
        )
        with self._lock:
            self._run = run
        self.check_stopped()
        said: list[str] = []

        def take(line: str) -> None:
            said.append(line)
            event = parse_line(line)
            # `init` explains itself at length; what it fetches is what takes time.
            if event is not None and (step != "prepare" or event.text.startswith("- ")):
                self._report(tally.take(event, self.masked(_one_line(event))))

        try:
            status = run.run(take, folder.remember_process)
        except OSError as error:
            raise fail(
                "terraform_missing", f"{tool.name} cannot be started ({error.strerror or error})", "you",
                "Check that it is installed and may be run.",
            ) from error  # fmt: skip
        finally:
            with self._lock:
                self._run = None
        if run.stopped and status:
            self.check_stopped()
        if status:
            end = self.masked("\n".join(line for line in said[-_SAID_LINES:] if not line.startswith("{")))
            raise HatchwayError(
                problem_of(tally.errors, end, step, Situation(who.credentials, who.region, name))
            )  # fmt: skip
        return "\n".join(said)

    def _report(self, progress: DeployProgress) -> None:
        try:
            self._loop.call_soon_threadsafe(self._progress, progress)
        except RuntimeError:  # the loop has ended; Terraform goes on
            return


@contextmanager
def alone(folder: DeploymentFolder) -> Iterator[None]:
    """Nobody else touches this folder meanwhile. Raises HatchwayError `deployment_locked`."""
    folder.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    busy = fail(
        "deployment_locked",
        "Another Hatchway works on this deployment",
        "you",
        "Wait until the other window or command has ended, then try again.",
    )
    try:
        with filelock.FileLock(folder.lock, timeout=0):
            if pid := folder.working_process():
                raise fail(
                    "deployment_locked",
                    f"Terraform still works on this deployment (process {pid}), for a Hatchway that has ended",
                    "you",
                    "Wait until it is ready: it ends by itself, and nothing is lost.",
                )
            yield
    except filelock.Timeout:
        raise busy from None


def _one_line(event: TerraformEvent) -> str:
    if event.diagnostic is not None:
        return " ".join(str(event.diagnostic).split())
    return event.text
