from __future__ import annotations

from app.viewmodels.draft_shelf import DraftShelf
from app.viewmodels.replay_draft import ReplayDraft
from tests.app.fake_workspace import an_exchange


def edited(shelf: DraftShelf, target: str) -> ReplayDraft:
    draft = shelf.take(an_exchange(target=target))
    draft.target = target + "?edited"
    assert draft.edited
    return draft


def test_an_edited_draft_waits_for_its_exchange() -> None:
    shelf = DraftShelf()
    draft = edited(shelf, "/1")
    edited(shelf, "/2")
    assert shelf.take(draft.original) is draft
    assert shelf.ids[-1] == draft.original.id


def test_what_was_not_edited_is_forgotten() -> None:
    shelf = DraftShelf()
    exchange = an_exchange()
    first = shelf.take(exchange)
    shelf.tidy()
    assert shelf.ids == []
    assert shelf.take(exchange) is not first


def test_of_too_many_the_oldest_go() -> None:
    shelf = DraftShelf(2)
    drafts = [edited(shelf, f"/{number}") for number in range(4)]
    shelf.tidy()
    assert shelf.ids == [draft.original.id for draft in drafts[2:]]
