"""Web app manifests (D3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.manifest import rewrite_manifest


@pytest.fixture
def document(below_prefix: RewriteContext) -> Document:
    return Document(below_prefix, "/app/manifest.json")


@pytest.mark.parametrize(
    ("app", "visitor"),
    [
        pytest.param({"start_url": "/"}, {"start_url": "/abc123/"}, id="D3-start_url"),
        pytest.param({"start_url": "http://localhost:3000/?pwa"}, {"start_url": "/abc123/?pwa"}, id="D3-own-origin"),
        pytest.param({"start_url": ".", "scope": "../x/"}, None, id="D3-relative"),
        pytest.param({"start_url": "../../x"}, {"start_url": "/abc123/x"}, id="D3-climbs-out"),
        pytest.param({"scope": "/app/"}, {"scope": "/abc123/app/"}, id="D3-scope"),
        pytest.param({"name": "/x", "theme_color": "/x"}, None, id="D3-absent-members-stay-absent"),
        pytest.param({"id": "/"}, {"id": "/abc123/"}, id="D3-id"),
        pytest.param({"id": "app?v=1"}, {"id": "/abc123/app?v=1"}, id="D3-id-is-relative-to-the-origin"),
        pytest.param({"id": "../x"}, {"id": "/abc123/x"}, id="D3-id-that-climbs-out"),
        pytest.param({"id": ""}, None, id="D3-id-that-is-none"),
        pytest.param({"id": "https://o/x", "start_url": "https://o/x"}, None, id="D3-elsewhere"),
        pytest.param(
            {"icons": [{"src": "/a.png", "sizes": "/x"}, {"src": "b.png"}, {"src": "data:,/x"}]},
            {"icons": [{"src": "/abc123/a.png", "sizes": "/x"}, {"src": "b.png"}, {"src": "data:,/x"}]},
            id="D3-icons",
        ),
        pytest.param({"screenshots": [{"src": "/s"}]}, {"screenshots": [{"src": "/abc123/s"}]}, id="D3-screenshots"),
        pytest.param(
            {"shortcuts": [{"name": "/x", "url": "/new", "icons": [{"src": "/n"}]}, {"url": "/b"}]},
            {
                "shortcuts": [
                    {"name": "/x", "url": "/abc123/new", "icons": [{"src": "/abc123/n"}]},
                    {"url": "/abc123/b"},
                ]
            },
            id="D3-shortcuts",
        ),
        pytest.param(
            {"share_target": {"action": "/share", "params": {"url": "/x", "files": [{"name": "/x"}]}}},
            {"share_target": {"action": "/abc123/share", "params": {"url": "/x", "files": [{"name": "/x"}]}}},
            id="D3-share_target",
        ),
        pytest.param(
            {"protocol_handlers": [{"protocol": "web+a", "url": "/p?u=%s"}]},
            {"protocol_handlers": [{"protocol": "web+a", "url": "/abc123/p?u=%s"}]},
            id="D3-protocol_handlers",
        ),
        pytest.param(
            {"file_handlers": [{"action": "/open", "accept": {"text/csv": ["/x"]}, "icons": [{"src": "/i"}]}]},
            {
                "file_handlers": [
                    {"action": "/abc123/open", "accept": {"text/csv": ["/x"]}, "icons": [{"src": "/abc123/i"}]}
                ]
            },
            id="D3-file_handlers",
        ),
        pytest.param(
            {"related_applications": [{"platform": "webapp", "url": "/m.json"}, {"url": "https://play.example/x"}]},
            {
                "related_applications": [
                    {"platform": "webapp", "url": "/abc123/m.json"},
                    {"url": "https://play.example/x"},
                ]
            },
            id="D3-related_applications",
        ),
        pytest.param(
            {
                "icons_localized": {"de": [{"src": "/d"}], "fr": [{"src": "/f"}]},
                "tab_strip": {"new_tab_button": {"url": "/n"}},
            },
            {
                "icons_localized": {"de": [{"src": "/abc123/d"}], "fr": [{"src": "/abc123/f"}]},
                "tab_strip": {"new_tab_button": {"url": "/abc123/n"}},
            },
            id="D3-newer-members",
        ),
        pytest.param(
            {"start_url": ["/x"], "icons": {"src": "/x"}, "shortcuts": "/x", "scope": None}, None, id="D3-wrong-types"
        ),
        pytest.param(
            {"x": {"start_url": "/x", "icons": [{"src": "/x"}]}, "icons": [["/x", {"src": "/x"}]]},
            None,
            id="D3-wrong-places",
        ),
        pytest.param(
            {"icons": [{"x": [{"src": "/x"}], "src": "/a"}]},
            {"icons": [{"x": [{"src": "/x"}], "src": "/abc123/a"}]},
            id="D3-behind-unknown-members",
        ),
    ],
)
def test_members(app: dict[str, Any], visitor: dict[str, Any] | None, document: Document) -> None:
    for separators in ((",", ":"), (" ,\r\n", " : ")):
        text = json.dumps(app, separators=separators)
        out = rewrite_manifest(text, document)
        assert out == (None if visitor is None else json.dumps(visitor, separators=separators))
        assert rewrite_manifest(out or text, document) is None, "twice is once"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(r'{"start_url":"\/x\/y"}', r'{"start_url":"/abc123\/x\/y"}', id="D3-escaped-slash"),
        pytest.param(r'{"start_url":"\u002fx"}', r'{"start_url":"/abc123\u002fx"}', id="D3-escaped-code"),
        pytest.param(r'{"scope":"http:\/\/localhost:3000\/x"}', r'{"scope":"/abc123\/x"}', id="D3-escaped-origin"),
        pytest.param(r'{"start\u005furl":"/x"}', r'{"start\u005furl":"/abc123/x"}', id="D3-escaped-name"),
        pytest.param(
            '{"scope":"/\xc3\xa9","name":"\xe4"}', '{"scope":"/abc123/\xc3\xa9","name":"\xe4"}', id="D3-bytes"
        ),
        pytest.param(
            '{"scope":"/\u4e2d","name":"\U0001f600"}', '{"scope":"/abc123/\u4e2d","name":"\U0001f600"}', id="D3-utf-16"
        ),
        pytest.param('\xef\xbb\xbf{"scope":"/"}', '\xef\xbb\xbf{"scope":"/abc123/"}', id="D3-byte-order-mark"),
        pytest.param('\ufeff{"scope":"/"}', '\ufeff{"scope":"/abc123/"}', id="D3-byte-order-mark-utf-16"),
        pytest.param(
            '{"a":1.50e+3,"scope":"/","a":[ ],"z":"\\u00E4"}\n',
            '{"a":1.50e+3,"scope":"/abc123/","a":[ ],"z":"\\u00E4"}\n',
            id="D3-other-bytes-stay",
        ),
    ],
)
def test_bytes_stay(text: str, expected: str, document: Document) -> None:
    assert rewrite_manifest(text, document) == expected


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"scope":"/",}', "[]", '"/x"', '{"scope":"/"}x', '{"scope":"/","a":NaN}', '{"scope":"/\n"}',
     "[" * 100_000, '{"scope":"/","a":' + "[" * 100_000, '{"scope":"/","a":' + "1" * 5_000 + "}", "<!doctype html>"]
)  # fmt: skip
def test_D3_what_browsers_do_not_read_stays(text: str, document: Document) -> None:
    assert rewrite_manifest(text, document) is None
    assert document.report.notes == ["manifest"]
    assert document.report.edits == {}


def test_edits_are_counted(document: Document) -> None:
    rewrite_manifest('{"start_url":"/","scope":"x","icons":[{"src":"/i"}]}', document)
    assert document.report.edits == {"manifest": 2}
    assert document.report.notes == []


def test_on_a_host_of_its_own_an_id_is_unique_already(on_own_host: RewriteContext) -> None:
    assert rewrite_manifest('{"id":"app","start_url":"/"}', Document(on_own_host, "/m.json")) is None


_NAMES = st.sampled_from(
    ["start_url", "scope", "id", "icons", "src", "shortcuts", "url", "action", "tab_strip", "a", "\xe9"]
)
_TEXTS = st.sampled_from(["/", "/x", "x", "\\/", "http://localhost:3000/x", "\xe9", '"', "[", "]", "{", "}", ":", ","])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=6), st.booleans())
@example({"icons": [{"src": "/x"}, 1, {"src": "/y"}], "scope": "/"}, True)
def test_the_structure_stays_and_twice_is_once(
    below_prefix: RewriteContext, value: dict[str, Any], ascii_only: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    document = Document(below_prefix, "/app/manifest.json")
    out = rewrite_manifest(text, document)
    if out is None:
        assert document.report.edits == {}
        return
    assert _without_urls(json.loads(out)) == _without_urls(value)
    assert rewrite_manifest(out, document) is None


@given(st.text() | st.text(st.sampled_from('{}[]",:\\/scopeidu0042 \n')))
def test_arbitrary_text_never_raises(below_prefix: RewriteContext, text: str) -> None:
    assert (rewrite_manifest(text, Document(below_prefix)) or text).isascii() == text.isascii()


def _without_urls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_urls(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_urls(one) for one in value]
    return None if isinstance(value, str) else value
