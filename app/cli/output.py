"""What commands print: lines for people, or one JSON object a line. A slow reader of the output stalls nothing."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping

from app.domain.problems import Problem

_MOST_WAITING = 100_000  # lines


class Output:
    """Writes lines to stdout from a thread of its own, so that a full pipe never blocks the event loop."""

    def __init__(self, *, as_json: bool, on_closed: Callable[[], None] = lambda: None) -> None:
        """on_closed: called in the thread when nobody reads stdout any more (`| head`)."""
        self.as_json = as_json
        self.colour = not as_json and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._on_closed = on_closed
        self._lines: queue.Queue[str | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="output", daemon=True)
        self._thread.start()

    def text(self, line: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.as_json:
            self._offer(line)

    def event(self, fields: Mapping[str, object]) -> None:
        """A JSON object; nothing without --json."""
        if self.as_json:
            self._offer(json.dumps(fields, ensure_ascii=False))

    def problem(self, problem: Problem) -> None:
        """An error: always on stderr for people, as an event too with --json."""
        self.event({"event": "error", **problem_fields(problem)})
        print(f"hatchway: {problem}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Write what is left (for half a second at most)."""
        self._offer(None)
        self._thread.join(0.5)

    def _offer(self, line: str | None) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return  # nobody has read for 100 000 lines

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                sys.stdout.write(line + "\n")
                if self._lines.empty():
                    sys.stdout.flush()
            except (BrokenPipeError, ValueError):
                # Python would complain once more when it flushes at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                self._on_closed()
                return


def problem_fields(problem: Problem) -> dict[str, object]:
    """A problem as JSON has it."""
    return {"code": problem.code, "title": problem.title, "side": problem.side, "hint": problem.hint}
