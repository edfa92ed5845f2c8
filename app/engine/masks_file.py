"""Which places of answers the user has said not to compare, or to compare after all: a small JSON file, by route."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Literal

from app.domain.exchange import Exchange
from app.domain.problems import fail
from app.replay.comparison import Masks

Choice = Literal["ignore", "compare"]


class MasksFile:
    """Read once, written at every change. Routes are `tunnel METHOD /path`, without the query."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._routes: dict[str, dict[str, Choice]] | None = None

    def masks(self, exchange: Exchange) -> Masks:
        """The user's choices for requests like this one."""
        chosen = self._all().get(_route(exchange), {})
        ignored = frozenset(place for place, choice in chosen.items() if choice == "ignore")
        return Masks(ignored=ignored, compared=frozenset(chosen) - ignored)

    def choose(self, exchange: Exchange, place: str, choice: Choice | None) -> None:
        """None forgets the choice. Raises HatchwayError `masks_not_saved`; the choice holds for this run then."""
        routes = self._all()
        chosen = routes.setdefault(_route(exchange), {})
        if choice is None:
            chosen.pop(place, None)
        else:
            chosen[place] = choice
        if not chosen:
            del routes[_route(exchange)]
        draft = self._path.with_suffix(f".{os.getpid()}")
        try:
            draft.write_text(json.dumps(routes, indent=1, sort_keys=True), encoding="utf-8")
            os.replace(draft, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            hint = f"Check the permissions of {self._path}."
            raise fail("masks_not_saved", f"The choice cannot be saved ({error.strerror})", "you", hint) from error

    def _all(self) -> dict[str, dict[str, Choice]]:
        if self._routes is None:
            self._routes = _read(self._path)
        return self._routes


def _read(path: Path) -> dict[str, dict[str, Choice]]:
    """A file that somebody has broken is as good as none: nothing but a convenience is lost."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(route): {str(place): choice for place, choice in chosen.items() if choice in ("ignore", "compare")}
            for route, chosen in found.items()
        }
    except (OSError, ValueError, AttributeError):
        return {}


def _route(exchange: Exchange) -> str:
    return f"{exchange.tunnel} {exchange.method} {exchange.path}"
