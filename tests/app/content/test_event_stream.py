from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.event_stream import MAX_EVENT, EventSplitter


def events(*pieces: bytes) -> list[bytes]:
    splitter = EventSplitter()
    found = [event for piece in pieces for event, _ in splitter.feed(piece)]
    return found + [event for event, _ in splitter.close()]


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"\r"])
def test_events_end_with_a_blank_line(line: bytes) -> None:
    data = line.join([b"event: a", b"data: 1", b"", b": comment", b"", b"data: 2", b"", b""])
    assert events(data) == [line.join([b"event: a", b"data: 1"]), b": comment", b"data: 2"]


def test_mixed_line_ends_a_bom_and_many_blank_lines() -> None:
    assert events(b"\xef\xbb\xbfdata: 1\r\n\n\n\n\r\ndata: 2\n\r\ndata: 3") == [b"data: 1", b"data: 2", b"data: 3"]


def test_an_event_is_there_as_soon_as_its_blank_line() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\n") == []
    assert splitter.feed(b"\n") == [(b"data: 1", 7)]


def test_an_event_without_end_takes_no_more_memory() -> None:
    splitter = EventSplitter()
    for _ in range(30):
        assert splitter.feed(b"x" * 100_000) == []
    ((event, size),) = splitter.feed(b"\n\n")
    assert len(event) <= MAX_EVENT
    assert size == 3_000_000


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"data: x", b": c", b"\xef\xbb\xbf"]), max_size=20), st.data())
def test_any_chunking_gives_the_same_events(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert events(*parts) == events(whole)
