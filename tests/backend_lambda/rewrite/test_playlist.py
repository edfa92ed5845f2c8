"""HLS playlists (D7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.playlist import rewrite_playlist


@pytest.fixture
def document(below_prefix: RewriteContext) -> Document:
    return Document(below_prefix, "/live/index.m3u8")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("/seg.ts", "/abc123/seg.ts", id="D7-segment"),
        pytest.param("/seg.ts?token=/x#t", "/abc123/seg.ts?token=/x#t", id="D7-segment-with-query"),
        pytest.param("http://localhost:3000/seg.ts", "/abc123/seg.ts", id="D7-own-origin"),
        pytest.param("seg.ts", None, id="D7-relative"),
        pytest.param("../../seg.ts", "/abc123/seg.ts", id="D7-climbs-out"),
        pytest.param("https://cdn.example/seg.ts", None, id="D7-elsewhere"),
        pytest.param("/\xc3\xa9.ts", "/abc123/\xc3\xa9.ts", id="D7-bytes"),
        pytest.param(
            '#EXT-X-KEY:METHOD=AES-128,URI="/k",IV=0x1', '#EXT-X-KEY:METHOD=AES-128,URI="/abc123/k",IV=0x1', id="D7-key"
        ),
        pytest.param(
            '#EXT-X-MAP:URI="/init.mp4",BYTERANGE="1@0"',
            '#EXT-X-MAP:URI="/abc123/init.mp4",BYTERANGE="1@0"',
            id="D7-map",
        ),
        pytest.param(
            '#EXT-X-MEDIA:TYPE=AUDIO,NAME="a, URI=\'/x\'",URI="/a"',
            '#EXT-X-MEDIA:TYPE=AUDIO,NAME="a, URI=\'/x\'",URI="/abc123/a"',
            id="D7-media",
        ),
        pytest.param(
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="/i"',
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="/abc123/i"',
            id="D7-i-frames",
        ),
        pytest.param(
            '#EXT-X-PART:DURATION=1, URI="/p" , INDEPENDENT=YES',
            '#EXT-X-PART:DURATION=1, URI="/abc123/p" , INDEPENDENT=YES',
            id="D7-part",
        ),
        pytest.param(
            '#EXT-X-CONTENT-STEERING:SERVER-URI="/s",PATHWAY-ID="/x"',
            '#EXT-X-CONTENT-STEERING:SERVER-URI="/abc123/s",PATHWAY-ID="/x"',
            id="D7-steering",
        ),
        pytest.param(
            '#EXT-X-DATERANGE:ID="/x",X-ASSET-URI="/a",X-ASSET-LIST="/l"',
            '#EXT-X-DATERANGE:ID="/x",X-ASSET-URI="/abc123/a",X-ASSET-LIST="/abc123/l"',
            id="D7-interstitial",
        ),
        pytest.param('#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="/x"', None, id="D7-other-attributes"),
        pytest.param('#EXT-X-DEFINE:NAME="base",VALUE="/m"\n{$base}/seg.ts', None, id="D7-variables"),
        pytest.param('#EXTINF:9.0,a URI="/x"', None, id="D7-title"),
        pytest.param('# URI="/x"\n#/x\n\n \t', None, id="D7-comments-and-blanks"),
        pytest.param('#EXT-X-KEY:URI="/k', None, id="D7-quote-without-an-end"),
        pytest.param("#EXT-X-KEY:URI=/k,URI='/k'", None, id="D7-without-quotes"),
        pytest.param('#EXT-X-KEY:METHOD,URI="/k"', None, id="D7-no-attribute-list"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_lines(line: str, expected: str | None, ending: str, document: Document) -> None:
    text = f"#EXTM3U\n#EXT-X-VERSION:9\n{line}{ending}"
    out = rewrite_playlist(text, document)
    assert out == (None if expected is None else text.replace(line, expected))
    assert rewrite_playlist(out or text, document) is None, "twice is once"


def test_D7_byte_order_mark(document: Document) -> None:
    assert rewrite_playlist("\xef\xbb\xbf#EXTM3U\n/a", document) == "\xef\xbb\xbf#EXTM3U\n/abc123/a"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<?xml version="1.0"?>\n<MPD><BaseURL>/x/</BaseURL></MPD>\n', id="D7-DASH"),
        pytest.param("WEBVTT\n\n00:00.000 --> 00:01.000\n/x\n", id="D7-WebVTT"),
        pytest.param("/x\n/y\n", id="D7-list-without-a-header"),
        pytest.param("#EXTM3U8\n/x", id="D7-other-header"),
        pytest.param("", id="D7-empty"),
    ],
)
def test_other_formats_stay(text: str, document: Document) -> None:
    assert rewrite_playlist(text, document) is None
    assert document.report.notes == ["playlist"]


def test_edits_are_counted(document: Document) -> None:
    rewrite_playlist('#EXTM3U\n#EXT-X-KEY:URI="/k"\n/a\nb', document)
    assert document.report.edits == {"playlist": 2}
    assert document.report.notes == []


_PIECES = st.sampled_from(
    ["#EXT-X-KEY:", "URI=", '"', "/x", ",", "=", "\n", "\r", " ", "#", "A=1", "-URI", "{$a}", "\xe9", "//"]
)


@given(st.lists(_PIECES | st.characters(max_codepoint=255), max_size=30).map("".join) | st.text())
def test_all_bytes_are_those_of_the_input(below_prefix: RewriteContext, text: str) -> None:
    text = "#EXTM3U\n" + text
    document = Document(below_prefix, "/live/index.m3u8")
    out = rewrite_playlist(text, document)
    assert (out or text).replace("/abc123", "") == text
    assert rewrite_playlist(out or text, document) is None
