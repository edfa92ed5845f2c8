"""Bodies that are rewritten only as a whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.body import WholeText
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document


@pytest.fixture
def document(below_prefix: RewriteContext) -> Document:
    return Document(below_prefix)


def test_the_text_is_transformed_at_its_end(document: Document) -> None:
    whole = WholeText(str.upper, document)
    assert whole.feed("a") + whole.feed("b") == ""
    assert whole.pending == "ab"
    assert whole.close() == "AB"
    assert whole.pending == ""
    assert document.report.notes == []


def test_a_transform_that_declines_leaves_it_as_it_is(document: Document) -> None:
    whole = WholeText(lambda text: None, document)
    assert whole.feed("ab") + whole.close() == "ab"


def test_an_empty_body_is_a_body(document: Document) -> None:
    assert WholeText(lambda text: f"<{text}>", document).close() == "<>"


def test_what_is_too_large_passes_and_goes_on_passing(document: Document) -> None:
    whole = WholeText(str.upper, document, limit=4)
    assert whole.feed("abcd") == ""
    assert whole.feed("e") == "abcde"
    assert whole.pending == ""
    assert whole.feed("fg") == "fg"
    assert whole.close() == ""
    assert document.report.notes == ["too large"]


def test_of_what_is_too_large_the_beginning_may_be_transformed(document: Document) -> None:
    whole = WholeText(str.upper, document, limit=4, transform_beginning=str.title)
    assert whole.feed("abcdef") + whole.feed("gh") + whole.close() == "Abcdefgh"
    assert document.report.notes == ["too large"]


def test_a_transform_that_fails_loses_nothing(document: Document) -> None:
    def fail(text: str) -> str:
        raise ValueError(text)

    whole = WholeText(fail, document)
    whole.feed("ab")
    with pytest.raises(ValueError, match="ab"):
        whole.close()
    assert whole.pending == "ab"


@given(st.text(max_size=30), st.lists(st.integers(0, 30), max_size=5), st.integers(0, 30), st.booleans())
def test_any_chunking_gives_the_same(
    below_prefix: RewriteContext, text: str, places: list[int], limit: int, has_beginning: bool
) -> None:
    def rewrite(pieces: list[str]) -> str:
        beginning = (lambda part: f"<{part}>") if has_beginning else None
        whole = WholeText(lambda part: f"[{part}]", Document(below_prefix), limit=limit, transform_beginning=beginning)
        return "".join(map(whole.feed, pieces)) + whole.close()

    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    pieces = [text[start:end] for start, end in pairwise(bounds)]
    short = f"[{text}]"
    long = f"<{text[:limit]}>{text[limit:]}" if has_beginning else text
    assert rewrite(pieces) == rewrite([text]) == (short if len(text) <= limit else long)
