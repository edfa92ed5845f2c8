from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.css import CssRewriter, rewrite_declarations
from backend_lambda.rewrite.document import Document

P = "/abc123"
UNCHANGED = None


def rewrite(text: str, context: RewriteContext, *, pieces: list[str] | None = None, strip: bool = False) -> str:
    rewriter = CssRewriter(Document(context, "/a/b", strip=strip))
    return "".join(rewriter.feed(piece) for piece in pieces or [text]) + rewriter.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a{b:url(/x)}", "a{b:url(/abc123/x)}", id="C1-plain"),
        pytest.param('url(\n "/x" )', 'url(\n "/abc123/x" )', id="C1-double-quotes-and-spaces"),
        pytest.param("URL('/x')", "URL('/abc123/x')", id="C1-single-quotes-upper-case"),
        pytest.param(r"url(/a\)b)", r"url(/abc123/a\)b)", id="C1-escape-kept"),
        pytest.param(r'url("/a\"b" )', r'url("/abc123/a\"b" )', id="C1-escaped-quote-kept"),
        pytest.param('src("/x")', 'src("/abc123/x")', id="C1-src"),
        pytest.param('@font-face{src:url(/x)}', '@font-face{src:url(/abc123/x)}', id="C1-src-descriptor"),
        pytest.param('my-url(/x) url (/x) -src("/x") @url(/x)', UNCHANGED, id="C1-other-functions"),
        pytest.param("url(/\xe9\x80)", "url(/abc123/\xe9\x80)", id="C1-bytes-of-any-charset"),
        pytest.param(
            '@import "/c.css" layer(a) supports(x) screen;', '@import "/abc123/c.css" layer(a) supports(x) screen;',
            id="C2-string",
        ),
        pytest.param("@import url(/c.css);", "@import url(/abc123/c.css);", id="C2-url"),
        pytest.param("@IMPORT/*'/n'*/ '/c';", "@IMPORT/*'/n'*/ '/abc123/c';", id="C2-comment-between"),
        pytest.param(r'@\69mport "/c";', r'@\69mport "/abc123/c";', id="C2-escaped-keyword"),
        pytest.param('@import "/c', '@import "/abc123/c', id="C2-end-of-sheet"),
        pytest.param('@importance "/c"; @media "/c"', UNCHANGED, id="C2-other-rules"),
        pytest.param(
            'image-set("/a.png" 1x, url(/b) 2x)', 'image-set("/abc123/a.png" 1x, url(/abc123/b) 2x)', id="C3-image-set"
        ),
        pytest.param(
            '-webkit-image-set(url("/a") 1x, "/b" 2x) "/c"',
            '-webkit-image-set(url("/abc123/a") 1x, "/abc123/b" 2x) "/c"',
            id="C3-webkit",
        ),
        pytest.param(
            'image-set("/a" 1x type("/image/png") calc(1) , "/b")',
            'image-set("/abc123/a" 1x type("/image/png") calc(1) , "/abc123/b")',
            id="C3-type-is-no-url",
        ),
        pytest.param('image(ltr "/a", red)', 'image(ltr "/abc123/a", red)', id="C3-image"),
        pytest.param(
            "cross-fade(url(/a) 50%, url('/b'))",
            "cross-fade(url(/abc123/a) 50%, url('/abc123/b'))", id="C3-cross-fade",
        ),
        pytest.param('@namespace "/n"; @namespace svg url(/n); @namespace url("/n)");', UNCHANGED, id="C3-namespace"),
        pytest.param(
            '@namespace "/n"; @import "/c";',
            '@namespace "/n"; @import "/abc123/c";', id="C3-after-namespace",
        ),
        pytest.param(
            '@font-face{src:url(/f.woff2) format("woff2"), local("/x")}',
            '@font-face{src:url(/abc123/f.woff2) format("woff2"), local("/x")}',
            id="C4-font-face",
        ),
        pytest.param("/* url(/x) */", UNCHANGED, id="C5-comment"),
        pytest.param('a{content:"url(/x)"} b{content:"/x"}', UNCHANGED, id="C5-strings"),
        pytest.param('[href="/x"],[src^="/x"],[src$=\'url(/x)\']{}', UNCHANGED, id="C5-selectors"),
        pytest.param(
            r".a\/*{b:url(/x)} .c\"{d:url(/y)}",
            r".a\/*{b:url(/abc123/x)} .c\"{d:url(/abc123/y)}", id="C5-escaped-delimiters",
        ),
        pytest.param('"it\\\r\n\'s" url(/x)', '"it\\\r\n\'s" url(/abc123/x)', id="C5-string-over-two-lines"),
        pytest.param('a{--u: url(/x);--p: "/x"}', 'a{--u: url(/abc123/x);--p: "/x"}', id="C6-custom-properties"),
        pytest.param(
            '@property --u{initial-value:url(/x)}', '@property --u{initial-value:url(/abc123/x)}', id="C6-property-rule"
        ),
        pytest.param(r"u\72l(/x) \75 \72 l( '/x')", r"u\72l(/abc123/x) \75 \72 l( '/abc123/x')", id="C7-escaped-name"),
        pytest.param(r"\a url(/x) xu\72l(/x) \75rl\28/x)", UNCHANGED, id="C7-escaped-other-names"),
        pytest.param(r"image-s\65t('/x')", r"image-s\65t('/abc123/x')", id="C7-escaped-image-set"),
        pytest.param(r"url(\2fx)", r"url(/abc123\2fx)", id="C7-escaped-slash"),
        pytest.param(r"url(http\3a //localhost:3000/x\29)", r"url(/abc123/x\29)", id="C7-escape-inside-replaced-text"),
        pytest.param("url(/x", "url(/abc123/x", id="C7-end-of-sheet"),
        pytest.param("url( '/x", "url( '/abc123/x", id="C7-end-of-sheet-in-string"),
        pytest.param("url(/x y) url(/z)", "url(/x y) url(/abc123/z)", id="C7-bad-url"),
        pytest.param("url(/x'y) url(/z)", "url(/x'y) url(/abc123/z)", id="C7-bad-url-quote"),
        pytest.param("url('/x\n') url(/z)", "url('/x\n') url(/z)", id="C7-bad-string-opens-another"),
        pytest.param(
            "url(data:image/png;base64,/x) url(#g) url() url(\"\") url(//cdn/x)",
            UNCHANGED, id="C8-unchanged",
        ),
        pytest.param("url(http://localhost:3000/x)", "url(/abc123/x)", id="C8-own-address"),
        pytest.param("url(../../x) url(x)", "url(/abc123/x) url(x)", id="C8-climbs-out"),
        pytest.param('@charset "x";url(/x)', '@charset "x";url(/abc123/x)', id="C9-charset"),
        pytest.param("\xef\xbb\xbfurl(/x)", "\xef\xbb\xbfurl(/x)", id="C9-bom-belongs-to-the-name-behind-it"),
        pytest.param("\xef\xbb\xbf@import '/x'", "\xef\xbb\xbf@import '/abc123/x'", id="C9-bom"),
        pytest.param(
            "/*# sourceMappingURL=/m.map */", "/*# sourceMappingURL=/abc123/m.map */", id="C9-source-map"
        ),
        pytest.param("/* sourceMappingURL=/m.map */", UNCHANGED, id="C9-comment-about-source-maps"),
        pytest.param("@document url(/x){}", "@document url(/abc123/x){}", id="C9-document"),
        pytest.param("a{behavior:url(/x.htc)}", "a{behavior:url(/abc123/x.htc)}", id="C9-behavior"),
    ],
)  # fmt: skip
def test_sheet(text: str, expected: str | None, below_prefix: RewriteContext) -> None:
    expected = text if expected is None else expected
    assert rewrite(text, below_prefix) == expected
    assert rewrite(text, below_prefix, pieces=list(text)) == expected
    assert rewrite(expected, below_prefix) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("url(x) url('y z') url(#f) url(?q)", "url(/abc123/a/x) url('/abc123/a/y z') url(#f) url(/abc123/a/b?q)"),
        ("@import 'x'; /*# sourceMappingURL=m */", "@import '/abc123/a/x'; /*# sourceMappingURL=/abc123/a/m */"),
    ],
)
def test_U7_relative_references_of_a_stripped_page(text: str, expected: str, below_prefix: RewriteContext) -> None:
    assert rewrite(text, below_prefix, strip=True) == expected


def test_text_put_in_is_escaped_where_the_path_of_the_page_demands_it(below_prefix: RewriteContext) -> None:
    rewriter = CssRewriter(Document(below_prefix, "/it's (here)</style>*/\xe9/b", strip=True))
    out = rewriter.feed("a{b:url(x)} /*# sourceMappingURL=m */") + rewriter.close()
    assert out == (r"a{b:url(/abc123/it\27 s\20 \28 here\29 \3c /style\3e \2a /\e9 /x)} /*# sourceMappingURL=m */")


def test_edits_are_counted(below_prefix: RewriteContext) -> None:
    document = Document(below_prefix)
    rewriter = CssRewriter(document)
    rewriter.feed("url(/x) url(y) url('/z') @import 'http://localhost:3000/q'")
    rewriter.close()
    assert document.report.edits == {"css": 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("background:url(/b.png)", "background:url(/abc123/b.png)", id="H6-url"),
        pytest.param('background:url("/b")', 'background:url("/abc123/b")', id="H6-quoted"),
        pytest.param("background:image-set('/b' 1x", "background:image-set('/abc123/b' 1x", id="H6-image-set"),
        pytest.param("url(/d.svg#g)", "url(/abc123/d.svg#g)", id="H18-presentation-attribute"),
        pytest.param("url(#g)", UNCHANGED, id="H18-fragment"),
        pytest.param("content:'/x';color:red", UNCHANGED, id="H6-string"),
    ],
)
def test_declarations(text: str, expected: str | None, below_prefix: RewriteContext) -> None:
    document = Document(below_prefix)
    assert rewrite_declarations(text, document) == (text if expected is None else expected)
    assert not document.report.edits, "the caller counts"


_TOKENS = st.sampled_from(
    ["url(", "u\\72l(", "image-set(", "src(", "@import", "@namespace", "@", '"', "'", "/x", "//", "/*", "*/", "*", "\\",
     "\\2f", "\\\r\n", "\r", "\n", "\f", " ", "(", ")", "{", "}", ";", "#", "-", "u", "rl", "\xe9", "\x00",
     "/*# sourceMappingURL=/m */"]
)  # fmt: skip
_SHEETS = st.lists(_TOKENS | st.characters(max_codepoint=255), max_size=30).map("".join)
_LONG = st.sampled_from(["x", "(", "\\a ", "\\61", "/**/", "*", " ", "\\\r\n", "a("])


def _cut(text: str, places: list[int]) -> list[str]:
    bounds = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


@given(_SHEETS, st.lists(st.integers(0, 1000), max_size=8), st.booleans())
def test_any_chunking_gives_the_same(below_prefix: RewriteContext, text: str, places: list[int], strip: bool) -> None:
    whole = rewrite(text, below_prefix, strip=strip)
    assert rewrite(text, below_prefix, pieces=_cut(text, places), strip=strip) == whole
    assert rewrite(text, below_prefix, pieces=list(text), strip=strip) == whole


@given(_SHEETS, _LONG, st.integers(65_500, 65_580), st.integers(0, 30), st.lists(st.integers(0, 300_000), max_size=4))
def test_tokens_near_the_limit_do_not_depend_on_chunks_either(
    below_prefix: RewriteContext, text: str, filler: str, size: int, place: int, places: list[int]
) -> None:
    text = text[:place] + (filler * size)[:size] + text[place:]
    assert rewrite(text, below_prefix, pieces=_cut(text, places)) == rewrite(text, below_prefix)


@given(_SHEETS, st.booleans())
def test_twice_is_once(below_prefix: RewriteContext, text: str, strip: bool) -> None:
    once = rewrite(text, below_prefix, strip=strip)
    assert rewrite(once, below_prefix, strip=strip) == once


@given(_SHEETS)
def test_without_the_prefix_all_bytes_are_those_of_the_input(below_prefix: RewriteContext, text: str) -> None:
    assert rewrite(text, below_prefix).replace(P, "") == text


@given(st.text(), st.booleans())
def test_arbitrary_text_never_raises(below_prefix: RewriteContext, text: str, strip: bool) -> None:
    assert len(rewrite(text, below_prefix, strip=strip)) >= len(text.replace("http", ""))


@pytest.mark.parametrize("opening", ["a{b:url(data:x,", "a{b:url('data:x,", "/*", "'", ".a\\61", "@import/*"])
def test_an_overlong_token_passes_and_the_next_is_mapped(below_prefix: RewriteContext, opening: str) -> None:
    closing = {"/": "*/", "'": "'", "@": "*/'/n'"}.get(opening[0], "')" if "'" in opening else ")")
    text = f"{opening}{'A' * 200_000}{closing} b{{c:url(/x)}}"
    rewriter = CssRewriter(Document(below_prefix))
    out, most = "", 0
    for start in range(0, len(text), 1000):
        out += rewriter.feed(text[start : start + 1000])
        most = max(most, len(rewriter.pending))
    assert out + rewriter.close() == text.replace("/x)", P + "/x)")
    assert most <= 65_536


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["url(", "url('", "/*", "/", "\\", "\\a ", "@import", "@import/**/", "@namespace", "image-set(", "((", "))", "'\n",
     "url( ", "u\\72l(", "url(\\", "*", "@", "\\(", "-", "src('", "/*# sourceMappingURL="],
)  # fmt: skip
def test_hostile_repetition_takes_linear_time(below_prefix: RewriteContext, piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        rewrite(text, below_prefix)
        return time.process_time() - start

    small, large = min(seconds(100_000) for _ in range(3)), min(seconds(800_000) for _ in range(2))
    assert large < 32 * max(small, 0.002), (small, large)
