from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Body, Exchange, Rewriting
from app.domain.verdict import Verdict
from app.filter.filter import parse
from app.viewmodels.exchange_columns import Column, Role
from app.viewmodels.exchange_marks import Mark
from app.viewmodels.exchanges import ExchangeTableModel
from tests.app.fake_workspace import an_exchange


@pytest.fixture
def model(qtbot: QtBot) -> ExchangeTableModel:
    model = ExchangeTableModel(capacity=20, trim=5)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)  # type: ignore[attr-defined]
    return model


@pytest.fixture
def untested(qtbot: QtBot) -> ExchangeTableModel:
    """Without the model tester, which calls fetchMore on its own."""
    return ExchangeTableModel(capacity=20, trim=5)


def at(second: int, *, tunnel: str = "shop", status: int | None = 200, target: str | None = None) -> Exchange:
    return an_exchange("GET", target or f"/{second}", status, tunnel=tunnel, started_ns=second * 1_000_000_000)


def show_only(model: ExchangeTableModel, matches: Callable[[Exchange], bool]) -> None:
    """Filter, with an archive that knows what the model knows."""
    model.begin_filter(matches)
    known = [model.at(row).exchange for row in range(model.rowCount())]
    model.finish_filter([exchange for exchange in known if matches(exchange)], complete=True)


def paths(model: ExchangeTableModel) -> list[str]:
    return [model.index(row, Column.PATH).data() for row in range(model.rowCount())]


def test_newest_first_whatever_the_order_of_arrival(model: ExchangeTableModel) -> None:
    for second in random.Random(1).sample(range(15), 15):
        model.apply([at(second)])
    assert paths(model) == [f"/{second}" for second in reversed(range(15))]


def test_a_batch_is_one_insertion(model: ExchangeTableModel) -> None:
    model.apply([at(1)])
    inserted = []
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    model.apply([at(3), at(2), at(4)])
    assert inserted == [(0, 2)]


def test_rows_around_known_ones_are_inserted_where_they_belong(model: ExchangeTableModel) -> None:
    model.apply([at(2), at(5)])
    model.apply([at(1), at(3), at(4), at(6)])
    assert paths(model) == ["/6", "/5", "/4", "/3", "/2", "/1"]


def test_cells_and_roles(model: ExchangeTableModel) -> None:
    exchange = an_exchange("POST", "/pay?x=1", 502, body=b"abc", answer=b"x" * 1234)
    exchange.replay_of = "original"
    model.apply([exchange])
    cells = [model.index(0, column).data() for column in Column]
    assert [cells[0], *cells[2:8]] == ["502", "POST", "/pay?x=1", "json", "3 B", "1.2 kB", "31 ms"]
    assert cells[8:] == ["", "original", "shop", "shop.localhost:4780", "127.0.0.1", "", ""]
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "POST /pay?x=1, 502, 31 ms, replay"
    sort = [model.index(0, column).data(Role.SORT) for column in Column]
    assert sort[:8] == [502, exchange.started_ns, "POST", "/pay?x=1", "json", 3, 1234, 31.0]
    assert sort[8:10] == ["", "original"]
    assert model.index(0, 0).data(Role.EXCHANGE_ID) == exchange.id


def test_a_pending_request_is_visible_and_its_time_advances(model: ExchangeTableModel) -> None:
    exchange = an_exchange(status=None)
    model.apply([exchange])
    assert model.index(0, Column.STATUS).data() == "…"
    assert model.any_running
    exchange.started_ns -= 3_000_000_000
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.column(), last.column())))
    model.tick()
    assert model.index(0, Column.DURATION).data() == "3.0 s"
    assert changed == [(Column.REQUEST_SIZE, Column.DURATION)]


def test_the_size_of_a_streamed_answer_grows_while_it_runs(model: ExchangeTableModel) -> None:
    exchange = an_exchange(status=None)
    exchange.status = 200
    model.apply([exchange])
    exchange.response_body.append(b"x" * 4000)
    model.tick()
    assert model.index(0, Column.SIZE).data() == "4.0 kB"


def test_a_row_whose_end_was_never_delivered_ends_with_the_clock(model: ExchangeTableModel) -> None:
    exchange = an_exchange(status=None)
    model.apply([exchange])
    exchange.status = 200
    exchange.finished_ns = exchange.started_ns + 5_000_000
    model.tick()
    assert model.index(0, Column.DURATION).data() == "5.0 ms"
    assert not model.any_running


def test_updates_of_known_rows_are_one_data_changed(model: ExchangeTableModel) -> None:
    running = [at(second, status=None) for second in range(6)]
    model.apply(running)
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    for exchange in (running[1], running[4]):
        exchange.status = 204
        exchange.finished_ns = exchange.started_ns + 5_000_000
    model.apply([running[1], running[4]])
    assert changed == [(1, 4)]
    assert model.index(1, Column.STATUS).data() == "204"
    assert model.index(1, Column.DURATION).data() == "5.0 ms"
    assert model.any_running


def test_finished_rows_do_not_keep_bodies(model: ExchangeTableModel) -> None:
    exchange = an_exchange(status=None)
    model.apply([exchange])
    exchange.status = 200
    exchange.response_body = Body(b"large")
    exchange.finished_ns = exchange.started_ns
    model.apply([exchange])
    kept = model.find(exchange.id)
    assert kept is not None
    assert (kept.response_body.kept, kept.response_body.size) == (0, 5)
    assert exchange.response_body.data == b"large"


def test_filtering_and_rows_that_start_to_match(model: ExchangeTableModel) -> None:
    pending = at(2, status=None)
    model.apply([at(1, status=500), pending, at(3)])
    show_only(model, parse("is:error").matches)
    assert paths(model) == ["/1"]
    pending.status = 502
    model.apply([pending])
    assert paths(model) == ["/2", "/1"]
    assert model.row_of(pending.id) == 0
    model.clear_filter()
    assert model.rowCount() == 3


def test_rows_that_cease_to_match_disappear(model: ExchangeTableModel) -> None:
    pending = at(2, status=None)
    model.apply([at(1), pending, at(3, status=None)])
    show_only(model, lambda exchange: exchange.status is None)
    pending.status = 200
    model.apply([pending])
    assert paths(model) == ["/3"]
    assert model.row_of(pending.id) == -1


def test_rows_stay_until_the_archive_has_answered(model: ExchangeTableModel) -> None:
    model.apply([at(1, status=500), at(2)])
    model.begin_filter(parse("status:500").matches)
    assert paths(model) == ["/2", "/1"]
    model.apply([at(3, status=500), at(4)])
    assert paths(model) == ["/4", "/3", "/2", "/1"]
    model.finish_filter([at(1, status=500)], complete=True)
    assert paths(model) == ["/3", "/1"], "what arrived meanwhile was asked, too"
    model.clear_filter()
    assert paths(model) == ["/4", "/3", "/2", "/1"]


def test_a_filter_visits_only_what_passes_it(untested: ExchangeTableModel, monkeypatch: pytest.MonkeyPatch) -> None:
    untested.apply([at(second, status=500 if second == 7 else 200) for second in range(20)])
    visited: list[str] = []
    in_scope = untested._in_scope
    monkeypatch.setattr(untested, "_in_scope", lambda exchange: visited.append(exchange.id) or in_scope(exchange))
    show_only(untested, parse("status:500").matches)
    assert paths(untested) == ["/7"]
    assert visited == [at(7).id]


def test_what_heads_cannot_tell_is_accepted_later(model: ExchangeTableModel) -> None:
    show_only(model, lambda _: False)
    model.apply([at(1), at(2), at(3)])
    assert paths(model) == []
    model.accept([at(3).id, at(1).id, "unknown"])
    assert paths(model) == ["/3", "/1"]
    model.accept([at(1).id])
    model.annotate(ExchangeAnnotated(at(1).id, pinned=True))
    assert paths(model) == ["/3", "/1"]


def test_older_matches_are_asked_for_from_the_oldest_match(untested: ExchangeTableModel) -> None:
    untested.apply([at(5), at(7, status=500)])
    untested.begin_filter(parse("status:500").matches)
    untested.finish_filter([at(7, status=500), at(3, status=500)], complete=False)
    assert paths(untested) == ["/7", "/3"]
    asked = []
    untested.older_wanted.connect(lambda: asked.append(untested.oldest_id()))
    untested.fetchMore()
    assert asked == [at(3).id]
    untested.add_older([at(1, status=500)], complete=True)
    assert paths(untested) == ["/7", "/3", "/1"]


def test_deleted_rows_are_gone(model: ExchangeTableModel) -> None:
    model.apply([at(1), at(2), at(3)])
    model.remove({at(2).id, "unknown"})
    assert paths(model) == ["/3", "/1"]
    assert model.find(at(2).id) is None


def test_deleting_a_few_leaves_the_others_where_they_are(model: ExchangeTableModel) -> None:
    model.apply([at(second) for second in range(10)])
    kept = QPersistentModelIndex(model.index(7, 0))
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.remove([at(9).id, at(8).id, at(5).id, at(0).id])
    assert paths(model) == ["/7", "/6", "/4", "/3", "/2", "/1"]
    assert (kept.isValid(), kept.row()) == (True, 4)
    assert resets == []


def test_many_scattered_ones_are_deleted_at_once(qtbot: QtBot) -> None:
    model = ExchangeTableModel()
    model.apply([at(second) for second in range(400)])
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.remove([at(second).id for second in range(0, 400, 2)])
    assert paths(model) == [f"/{second}" for second in range(399, 0, -2)]
    assert resets == [True]


def test_marks_are_seen_in_the_row(model: ExchangeTableModel) -> None:
    model.apply([at(1)])
    model.annotate(ExchangeAnnotated(at(1).id, note="odd"))
    model.annotate(ExchangeAnnotated(at(1).id, verdict=Verdict.FIXED))
    model.annotate(ExchangeAnnotated("unknown", pinned=True))
    assert model.index(0, Column.NOTE).data() == "odd"
    assert model.index(0, Column.VERDICT).data() == "✓ fixed"
    assert model.at(0).marks == (Mark.NOTE,)


def test_scope_shows_one_tunnel_and_keeps_live_rows_of_the_others(model: ExchangeTableModel) -> None:
    model.set_scope("shop")
    model.apply([at(1), at(2, tunnel="docs"), at(3)])
    assert paths(model) == ["/3", "/1"]
    model.set_scope("docs")
    assert paths(model) == ["/2"]
    model.set_scope(None)
    assert paths(model) == ["/3", "/2", "/1"]


def test_the_ring_is_trimmed_in_blocks_and_persistent_indexes_survive(model: ExchangeTableModel) -> None:
    model.apply([at(second) for second in range(20)])
    newest = QPersistentModelIndex(model.index(0, 0))
    model.apply([at(20)])
    assert paths(model) == [f"/{second}" for second in range(20, 4, -1)]
    assert newest.row() == 1


def test_rows_of_other_tunnels_are_trimmed_first(model: ExchangeTableModel) -> None:
    model.set_scope("docs")
    model.apply([at(0, tunnel="docs")])
    model.apply([at(second) for second in range(1, 30)])
    assert paths(model) == ["/0"]
    assert model.rowCount() == 1
    # All tunnels are complete only from the newest trimmed row on.
    model.set_scope(None)
    assert "/0" not in paths(model)
    assert paths(model)[0] == "/29"


def test_trimming_with_a_filter_removes_only_rows_that_are_shown(model: ExchangeTableModel) -> None:
    show_only(model, lambda exchange: exchange.started_ns % 2_000_000_000 == 0)
    for second in range(40):
        model.apply([at(second)])
    assert paths(model) == [f"/{second}" for second in range(39, 0, -1) if second % 2 == 0][: model.rowCount()]
    assert len(model._ring.rows) <= 20


def test_exchanges_from_before_the_ring_are_not_added(model: ExchangeTableModel) -> None:
    model.apply([at(second) for second in range(10, 31)])
    model.apply([at(11)])
    assert "/11" not in paths(model)


def test_older_pages_are_asked_for_once_and_go_to_the_end(untested: ExchangeTableModel) -> None:
    untested.set_scope(None)
    untested.apply([at(10)])
    asked = []
    untested.older_wanted.connect(lambda: asked.append(untested.oldest_id()))
    untested.fetchMore()
    assert not untested.canFetchMore()
    untested.fetchMore()
    assert asked == [at(10).id]
    untested.add_older([at(10), at(9), at(8)], complete=False)
    assert paths(untested) == ["/10", "/9", "/8"]
    assert untested.canFetchMore()
    untested.fetchMore()
    assert asked[1] == at(8).id
    untested.add_older([at(7)], complete=True)
    assert not untested.canFetchMore()


def test_a_failed_fetch_is_not_repeated_until_the_scope_changes(untested: ExchangeTableModel) -> None:
    untested.set_scope("shop")
    untested.fetchMore()
    untested.older_failed()
    assert not untested.canFetchMore()
    untested.set_scope(None)
    assert untested.canFetchMore()


def test_changing_the_scope_drops_recorded_rows(model: ExchangeTableModel) -> None:
    model.set_scope("shop")
    model.add_older([at(1)], complete=True)
    model.apply([at(5)])
    model.set_scope(None)
    assert paths(model) == ["/5"]


def test_replays_are_found(model: ExchangeTableModel) -> None:
    original, first, second = at(1), at(2), at(3)
    first.replay_of = second.replay_of = original.id
    model.apply([original, second, first])
    assert [exchange.id for exchange in model.replays_of(original.id)] == [first.id, second.id]


def test_random_traffic_keeps_the_list_consistent(model: ExchangeTableModel) -> None:
    chance = random.Random(7)
    show_only(model, lambda exchange: exchange.status != 404)
    live: list[Exchange] = []
    for step in range(400):
        batch = [
            at(step * 10 + n, status=None, tunnel=chance.choice(["shop", "docs"])) for n in range(chance.randint(0, 3))
        ]
        live += batch
        for exchange in chance.sample(live, min(len(live), 2)):
            exchange.status = chance.choice([200, 404, 500])
            exchange.finished_ns = exchange.started_ns + 1
            live.remove(exchange)
            batch.append(exchange)
        model.apply(batch)
        if step % 50 == 49:
            model.set_scope(chance.choice([None, "shop", "docs"]))
            show_only(model, lambda exchange: exchange.status != 404)
        shown = paths(model)
        assert shown == sorted(shown, key=lambda path: int(path[1:]), reverse=True)
        for row in range(model.rowCount()):
            assert model.row_of(model.at(row).exchange.id) == row
            assert model.at(row).exchange.status != 404


def test_what_rewriting_did_is_kept_with_the_row(model: ExchangeTableModel) -> None:
    one, other = at(1), at(2)
    model.apply([one, other])
    model.rewritten(one.id, Rewriting("html"))
    model.rewritten("unknown", Rewriting("css"))
    kept = [model.find(exchange.id) for exchange in (one, other)]
    assert [exchange and exchange.rewriting for exchange in kept] == [Rewriting("html"), None]


def test_the_tip_of_a_leak_says_who_asked(model: ExchangeTableModel) -> None:
    leaked = at(1, target="/api/cart")
    leaked.leak = "/cart"
    model.apply([leaked, at(2)])
    tips = [model.index(row, Column.PATH).data(Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips == ["/2", "/api/cart\nCame without the prefix; asked by /cart"]
