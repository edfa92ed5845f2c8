"""What commands print: lines for people, or one JSON object a line. A slow reader of the output stalls nothing."""

from __future__ import annotations

import contextlib
import itertools
import json
import operator
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping

from app.domain.problems import Problem

_MOST_WAITING = 100_000  # lines
_CLOSE_SECONDS = 0.3
_GATHER_SECONDS = 0.02  # not to be noticed by a reader
_MOST_AT_ONCE = 1_000  # lines
_STDOUT, _STDERR = 1, 2


class Output:
    """Writes lines to stdout and stderr from a thread of its own, so that a full pipe never blocks the event loop.

    Lines are UTF-8 whatever the locale, and past Python's buffers: those would be flushed, and block, at exit.
    """

    def __init__(self, *, as_json: bool, on_closed: Callable[[], None] | None = None) -> None:
        """on_closed: called in a thread as soon as nobody reads stdout any more (`| head`)."""
        self.as_json = as_json
        self.colour = not as_json and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._on_closed = on_closed or (lambda: None)
        self._lines: queue.Queue[tuple[int, str] | None] = queue.Queue(_MOST_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="output", daemon=True)
        self._thread.start()
        if on_closed is not None:
            threading.Thread(target=self._watch, name="output-watch", daemon=True).start()

    def text(self, line: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.as_json:
            self._offer(_STDOUT, line)

    def event(self, fields: Mapping[str, object]) -> None:
        """A JSON object; nothing without --json."""
        if self.as_json:
            self._offer(_STDOUT, json.dumps(fields))  # ASCII: no control character of a visitor gets out

    def error(self, problem: Problem) -> None:
        """Why the command ends: on stderr for people, and as the event `error` with --json."""
        self.event({"event": "error", **problem_fields(problem)})
        self.aside(problem)

    def notice(self, problem: Problem) -> None:
        """What should be known although the command goes on: on stderr, and as the event `notice` with --json."""
        self.event({"event": "notice", **problem_fields(problem)})
        self.aside(problem)

    def aside(self, words: object) -> None:
        """A line on stderr, whatever the format. Problems may quote a relay, a service or a visitor."""
        self._offer(_STDERR, f"hatchway: {printable(str(words))}")

    def close(self) -> None:
        """Write what is left (for a moment only: a reader that does not read must not hold us up)."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
            self._thread.join(_CLOSE_SECONDS)

    def _offer(self, stream: int, line: str) -> None:
        try:
            self._lines.put_nowait((stream, line))
        except queue.Full:
            self._dropped += 1  # nobody has read for 100 000 lines

    def _write(self) -> None:
        told = 0
        over = False
        while not over:
            items = self._waiting()
            over = items[-1] is None
            if (dropped := self._dropped) > told:
                self._put(_STDERR, [f"hatchway: {dropped - told} lines of output are lost because nobody read them."])
                told = dropped
            lines = [item for item in items if item is not None]
            for stream, group in itertools.groupby(lines, key=operator.itemgetter(0)):
                if not self._put(stream, [line for _, line in group]):
                    self._on_closed()
                    return
            if not over:
                # Under load each line would wake this thread, which costs more than all the rest of a request.
                time.sleep(_GATHER_SECONDS)

    def _waiting(self) -> list[tuple[int, str] | None]:
        """All lines there are, at least one; None comes last, if at all."""
        items = [self._lines.get()]
        with contextlib.suppress(queue.Empty):
            while items[-1] is not None and len(items) < _MOST_AT_ONCE:
                items.append(self._lines.get_nowait())
        return items

    def _put(self, stream: int, lines: list[str]) -> bool:
        """False if stdout is gone; an stderr that is gone harms nobody."""
        # What is no text (file names, arguments) becomes \udcxx.
        data = memoryview("\n".join([*lines, ""]).encode("utf-8", "backslashreplace"))
        try:
            while data:
                data = data[os.write(stream, data) :]
        except OSError:
            return stream != _STDOUT
        return True

    def _watch(self) -> None:
        """See at once when the reader of a pipe goes away, not only at the next line."""
        if not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(_STDOUT, 0)  # errors and hang-ups are always reported
        with contextlib.suppress(OSError):
            poll.poll()
            self._on_closed()


def printable(text: str) -> str:
    """Strangers choose targets and words, so nothing in them may steer the terminal."""
    return text if text.isprintable() else "".join([char if char.isprintable() else _escaped(char) for char in text])


def _escaped(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def problem_fields(problem: Problem) -> dict[str, object]:
    """A problem as JSON has it."""
    return {"code": problem.code, "title": problem.title, "side": problem.side, "hint": problem.hint}
