from __future__ import annotations

import gzip

from app.domain.stage import Stage
from app.viewmodels.stage_diff import stage_diff, stage_notes

TEXT = ("Content-Type", "text/html; charset=utf-8")


def test_codings_are_no_difference_of_bodies() -> None:
    raw = Stage("raw", "200 OK", (TEXT,), gzip.compress(b"<p>caf\xc3\xa9</p>"), "gzip")
    assert stage_diff(raw, Stage("delivered", "200 OK", (TEXT,), b"<p>caf\xc3\xa9</p>")).identical


def test_head_and_body_are_one_text() -> None:
    diff = stage_diff(
        Stage("visitor", "GET /shop/a", (("Host", "h"),), b"x"), Stage("upstream", "GET /a", (("Host", "l"),), b"y")
    )
    assert [(row.kind, row.left, row.right) for row in diff.rows if row.kind == "changed"] == [
        ("changed", "GET /shop/a", "GET /a"),
        ("changed", "Host: h", "Host: l"),
        ("changed", "x", "y"),
    ]


def test_without_one_of_the_bodies_the_heads_are_compared() -> None:
    diff = stage_diff(Stage("raw", "200 OK", (TEXT,), b"body"), Stage("delivered", "200 OK", (TEXT,), None))
    assert diff.identical


def test_binary_bodies_are_compared_too() -> None:
    one, other = (Stage("raw", "200 OK", (), data) for data in (b"\xff\x00", b"\xff\x01"))
    assert stage_diff(one, one).identical
    assert not stage_diff(one, other).identical


def test_a_body_that_was_cut_inside_a_character_is_text() -> None:
    cut = Stage("raw", "200 OK", (TEXT,), "äö".encode()[:-1], note="Not kept whole.")
    assert [row.left for row in stage_diff(cut, Stage("delivered", "200 OK", (TEXT,), b"")).rows][-1] == "ä"


def test_notes_name_their_stage_and_come_once() -> None:
    raw, made = Stage("raw", "200", note="Not kept whole."), Stage("delivered", "200", body=b"", proved=True)
    words = stage_notes([raw, raw, made]).splitlines()
    assert words[0] == "From the service: Not kept whole."
    assert words[1].startswith("To the visitor: made again here")
    assert len(words) == 2
