from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.validators import (
    Restored,
    fingerprint,
    mark_etag,
    own_etag,
    restore,
    restore_if_match,
)

_NOW = "0123abcd"
_BEFORE = "99999999"
_DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('"v1"', 'W/"v1-hw0123abcds"', id="RH18-strong"),
        pytest.param('W/"v1"', 'W/"v1-hw0123abcdw"', id="RH18-weak"),
        pytest.param(' "v1"\t', 'W/"v1-hw0123abcds"', id="RH18-blanks"),
        pytest.param('""', 'W/"-hw0123abcds"', id="RH18-empty"),
        pytest.param("v1", 'W/"7631-hw0123abcdx"', id="RH18-no-quotes"),
        pytest.param('"v1', 'W/"227631-hw0123abcdx"', id="RH18-half-quoted"),
        pytest.param('w/"v1"', 'W/"772f22763122-hw0123abcdx"', id="RH18-small-w"),
        pytest.param('W/"v1-hw99999999s"', 'W/"v1-hw99999999s-hw0123abcdw"', id="RH18-a-tunnel-in-a-tunnel"),
    ],
)
def test_tag_of_a_rewritten_body(value: str, expected: str) -> None:
    assert mark_etag(value, _NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('W/"v1-hw0123abcds"', Restored('"v1"', True, True, frozenset({'"v1"'})), id="RQ11-strong"),
        pytest.param('W/"v1-hw0123abcdw"', Restored('W/"v1"', True, True, frozenset({'W/"v1"'})), id="RQ11-weak"),
        pytest.param('W/"7631-hw0123abcdx"', Restored("v1", True, True, frozenset({"v1"})), id="RQ11-no-quotes"),
        pytest.param('"v1"', Restored('"v1"'), id="RQ11-body-that-was-not-rewritten"),
        pytest.param("*", Restored("*"), id="RQ11-any"),
        pytest.param('"a" , W/"b",c', Restored('"a" , W/"b",c'), id="RQ11-foreign"),
        pytest.param('W/"v1-hw99999999s"', Restored(None, keeps_date=False), id="RQ11-other-version"),
        pytest.param(
            '"a",W/"v1-hw99999999s", W/"v2-hw0123abcds" , "b, c"',
            Restored('"a", "v2", "b, c"', True, True, frozenset({'"v2"'})),
            id="RQ11-list",
        ),
        pytest.param('"a", W/"v1-hw99999999s"', Restored('"a"', keeps_date=False), id="RQ11-foreign-and-stale"),
        pytest.param('"v1-hw0123abcds"', Restored('"v1-hw0123abcds"'), id="RQ11-ours-are-weak"),
        pytest.param('W/"v1-hw0123abcdy"', Restored('W/"v1-hw0123abcdy"'), id="RQ11-nearly-ours"),
        pytest.param("", Restored(None), id="RQ11-empty"),
        pytest.param(" , ", Restored(None), id="RQ11-blank"),
    ],
)
def test_condition_of_a_visitor(value: str, expected: Restored) -> None:
    assert restore(value, _NOW) == expected


def test_a_date_counts_for_copies_of_this_version_only() -> None:
    tag = own_etag(_DATE, _NOW)
    assert tag != own_etag("Thu, 22 Oct 2015 07:28:00 GMT", _NOW)
    assert restore(tag, _NOW) == Restored(None, is_ours=True)
    assert restore(own_etag(_DATE, _BEFORE), _NOW) == Restored(None, keeps_date=False)
    assert restore(f'{tag}, "a"', _NOW) == Restored('"a"', is_ours=True)


def test_tag_with_damaged_digits_stays() -> None:
    assert restore('W/"zz-hw0123abcdx"', _NOW).value == 'W/"zz-hw0123abcdx"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('W/"v1-hw99999999s", "b"', '"v1", "b"', id="RQ11-other-version"),
        pytest.param("*", "*", id="RQ11-any"),
        pytest.param(own_etag(_DATE, _NOW), own_etag(_DATE, _NOW), id="RQ11-date"),
    ],
)
def test_if_match_never_loses_a_member(value: str, expected: str) -> None:
    assert restore_if_match(value) == expected


_tags = st.from_regex(r'(W/)?"[!#-~\x80-\xff]*"', fullmatch=True) | st.text(min_size=1, max_size=20).map(str.strip)


@given(st.lists(_tags.filter(bool), min_size=1, max_size=4))
def test_tags_come_back(tags: list[str]) -> None:
    sent = ", ".join(mark_etag(tag, _NOW) for tag in tags)
    restored = restore(sent, _NOW)
    assert restored.tags == {tag.strip(" \t") for tag in tags}
    assert restored.value == ", ".join(tag.strip(" \t") for tag in tags)
    assert restore(sent, _BEFORE) == Restored(None, keeps_date=False)
    assert restore_if_match(sent) == restored.value


@given(st.text(alphabet='W/"-hw0123abcdswx,* é', max_size=40))
def test_no_text_raises(text: str) -> None:
    assert isinstance(restore(text, _NOW), Restored)
    assert isinstance(restore_if_match(text), str)
    assert restore(mark_etag(text, _NOW), _NOW).value == (text.strip(" \t") or None)


@pytest.mark.parametrize("piece", ['"', '",', 'W/"', ",", '"a', '-hw0123abcds"'])
def test_a_long_condition_takes_linear_time(piece: str) -> None:
    assert isinstance(restore(piece * 100_000, _NOW), Restored)


def test_fingerprint_is_of_all_that_rewriting_depends_on(
    below_prefix: RewriteContext, on_own_host: RewriteContext
) -> None:
    same = fingerprint(below_prefix, ("L0", "L1"), "aa")
    assert same == fingerprint(replace(below_prefix, visitor_address=""), ("L0", "L1"), "aa")
    others = [
        fingerprint(on_own_host, ("L0", "L1"), "aa"),
        fingerprint(replace(below_prefix, prefix="/other"), ("L0", "L1"), "aa"),
        fingerprint(replace(below_prefix, public_origin="https://o.example"), ("L0", "L1"), "aa"),
        fingerprint(replace(below_prefix, upstream_origin="http://localhost:3001"), ("L0", "L1"), "aa"),
        fingerprint(below_prefix, ("L0", "L1", "L2"), "aa"),
        fingerprint(below_prefix, ("L0", "L1"), "ab"),
    ]
    assert len({same, *others}) == 1 + len(others)
    assert all(len(each) == 8 and int(each, 16) >= 0 for each in others)


def test_fingerprint_changes_with_the_rewriter(below_prefix: RewriteContext, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(below_prefix, ("L0",), "aa")
    monkeypatch.setattr("backend_lambda.rewrite.validators.REWRITER_VERSION", 10**6)
    assert fingerprint(below_prefix, ("L0",), "aa") != before
