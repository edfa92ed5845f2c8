"""The drafts of replays that were edited: each waits until its request is edited again, whatever is looked at."""

from __future__ import annotations

from app.domain.exchange import Exchange
from app.viewmodels.replay_draft import ReplayDraft


class DraftShelf:
    """Keeps the latest edited drafts. most: each holds a whole captured body"""

    def __init__(self, most: int = 20) -> None:
        self._most = most
        self._drafts: dict[str, ReplayDraft] = {}

    @property
    def ids(self) -> list[str]:
        """Of the exchanges with a draft, the latest is the last."""
        return list(self._drafts)

    def take(self, exchange: Exchange) -> ReplayDraft:
        """The draft of the exchange, a new one if there is none; it becomes the latest."""
        self.tidy()
        draft = self._drafts.pop(exchange.id, None) or ReplayDraft(exchange)
        self._drafts[exchange.id] = draft
        return draft

    def tidy(self) -> None:
        """Forget drafts that were not edited, and the oldest of too many."""
        edited = [(key, draft) for key, draft in self._drafts.items() if draft.edited]
        self._drafts = dict(edited[-self._most :])
