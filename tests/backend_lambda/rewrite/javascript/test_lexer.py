"""What is code, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.javascript.lexer import Lexer, Token
from tests.backend_lambda.rewrite.javascript.samples import SCRIPTS, real_scripts

WORDS = ("import", "export", "await")


def lex(text: str, *, is_module: bool = False) -> list[Token]:
    return list(Lexer(text, is_module=is_module).tokens())


def found(text: str, kind: str, *, is_module: bool = False) -> list[str]:
    return [text[token.start : token.end] for token in lex(text, is_module=is_module) if token.kind == kind]


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        pytest.param("""a("b", 'c')""", ['"b"', "'c'"], id="J7-strings"),
        pytest.param(
            r"""'\'' "\"" '\\' 'a\
b'""",
            [r"'\''", r'"\""', r"'\\'", "'a\\\nb'"],
            id="J7-escapes-and-continued-lines",
        ),
        pytest.param("'a\n'b'", ["'a", "'b'"], id="J7-a-line-ends-a-string"),
        pytest.param("'a", ["'a"], id="J7-end-of-script"),
        pytest.param("`'a' ${'b' + `'c' ${{d: 'e'}} 'f'`} 'g'` + 'h'", ["'b'", "'e'", "'h'"], id="J6-nested-templates"),
        pytest.param("`\\`${'a'}\\${'b'}$'c'`'d'", ["'a'", "'d'"], id="J6-escapes-in-templates"),
        pytest.param("`${f(')', {'}': `}`})}'a'` + 'b'", ["')'", "'}'", "'b'"], id="J6-brackets-in-substitutions"),
        pytest.param("String.raw`\\u'a'${'b'}`;'c'", ["'b'", "'c'"], id="J6-tagged-template"),
        pytest.param("// 'a'\n'b' /* 'c' */ + /* ' \n ' **/ 'd'", ["'b'", "'d'"], id="J6-comments"),
        pytest.param("// 'a'\u2028'b'\n//\xe2\x80\xa9'c'\n//\xe2\x80\xa0'd'", ["'b'", "'c'"], id="J6-other-line-ends"),
        pytest.param("/* 'a", [], id="J6-comment-without-an-end"),
        pytest.param(
            "<!-- 'a'\n'b' <!-- 'c'\n--> 'd'\n /* */ /**/ --> 'e'\n'f'", ["'b'", "'f'"], id="J15-html-comments"
        ),
        pytest.param("--> 'a'\n'b'", ["'b'"], id="J15-html-comment-first"),
        pytest.param("/*\n*/ --> 'a'\n'b'\r-->'c'\r'd'", ["'b'", "'d'"], id="J15-html-comment-behind-others"),
        pytest.param("while (n --> 'a') 'b'", ["'a'", "'b'"], id="J15-counting-down-is-no-comment"),
        pytest.param("#!/usr/bin/node 'a'\n'b'", ["'b'"], id="J15-hashbang"),
        pytest.param("\xef\xbb\xbf#! 'a'\n'b'", ["'b'"], id="J15-hashbang-behind-a-byte-order-mark"),
        pytest.param(" #! 'a'", ["'a'"], id="J15-no-hashbang"),
    ],
)
def test_strings(text: str, strings: list[str]) -> None:
    assert found(text, "string") == strings


def test_a_module_has_no_html_comments() -> None:
    text = "a<!--'b'\n--> 'c'"
    assert found(text, "string", is_module=True) == ["'b'", "'c'"]
    assert found(text, "string") == []


@pytest.mark.parametrize(
    ("text", "regexes"),
    [
        pytest.param("/a/g", ["/a/g"], id="first"),
        pytest.param(r"x = /[/\]]\/'/u.test('/b/')", [r"/[/\]]\/'/u"], id="classes-and-escapes"),
        pytest.param("a / b / c; 1 / 2 / 3; 1. / 2 / 3", [], id="names-and-numbers-are-divided"),
        pytest.param("a[0] / b / c; f() / 2 / 3; 'a' / `b` / 'c'", [], id="values-are-divided"),
        pytest.param("return /a/; typeof /b/; x.return / 2 / 3; [.../c/.d]", ["/a/", "/b/", "/c/"], id="words"),
        pytest.param("if (a) /b/.c(); while ((a)) /d/; f(a) / 2 / 3", ["/b/", "/d/"], id="heads-of-statements"),
        pytest.param("a.if (b) / 2 / 3; $if(b) / 2 / 3", [], id="calls-are-no-heads"),
        pytest.param("{} /a/; function f() {} /b/; x = {} / 2 / 3", ["/a/", "/b/"], id="blocks-and-objects"),
        pytest.param("() => {}\n/a/; ({a: {}} / 2 / 3); case 1: {} /b/", ["/a/", "/b/"], id="arrows-and-cases"),
        pytest.param("return {} / 2 / 3; else {} /a/; class A {} /b/", ["/a/", "/b/"], id="braces-behind-words"),
        pytest.param("a++ / 2 / 3; a + /b/; a + +/c/; a-- / 2 / 3", ["/b/", "/c/"], id="signs"),
        pytest.param("/a/ / /b/ / 2", ["/a/", "/b/"], id="regexes-are-divided"),
        pytest.param("/a/g / 2 / 3", ["/a/g"], id="regexes-with-flags-are-divided"),
        pytest.param("a /* ) */ / 2 / 3; return /* ; */ // x\n/b/", ["/b/"], id="comments-do-not-count"),
        pytest.param("if /* ( */ (a) // )\n /b/", ["/b/"], id="comments-around-heads"),
        pytest.param("import 'a'\n/b/; export * from 'c'\n/d/; from('e') / 2 / 3", ["/b/", "/d/"], id="behind-imports"),
        pytest.param("x = / + 1\n'/a/'", [], id="not-over-the-end-of-a-line"),
        pytest.param("`${/a}/.b}`", ["/a}/"], id="J6-in-a-template"),
        pytest.param("`${a}/${b}/`", [], id="J6-template-text"),
        pytest.param("<div>a</div>", [], id="J6-JSX"),
        pytest.param("a }) / 2 / 3; ) /b/", [], id="brackets-that-nobody-opened"),
    ],
)
def test_regular_expressions(text: str, regexes: list[str]) -> None:
    assert found(text, "regex") == regexes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("import a; export b; await c", [("import", 0), ("export", 0), ("await", 0)], id="outside"),
        pytest.param("f({a: [import(b)]})", [("import", 2)], id="depth-without-square-brackets"),
        pytest.param("`${{a: import(b)}}`; import(c)", [("import", 2), ("import", 0)], id="J6-in-templates"),
        pytest.param(
            r"imports important _import $import \import import$ \u0061import import\u0061", [], id="other-names"
        ),
        pytest.param("\xe9import import\xe9 import\u03b1", [], id="other-names-beyond-ascii"),
        pytest.param("""'import'; /import/; `import` // import""", [], id="J6-not-in-code"),
        pytest.param(") } import(a)", [("import", 0)], id="brackets-that-nobody-opened"),
        pytest.param("{ ( } import(a)", [("import", 0)], id="brackets-that-nobody-closed"),
        pytest.param("`${ ( } import(a)`; import(b)", [("import", 0)], id="brackets-that-a-template-closes"),
    ],
)
def test_words(text: str, words: list[tuple[str, int]]) -> None:
    assert [(token.kind, token.depth) for token in lex(text) if token.kind in WORDS] == words


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("import", ""),
        ("/* a */ // b\n import", ""),
        ("a /* b */ // c\n /* d */\n import", "a"),
        ("a; // b\n\n\n// c\nimport", "a;"),
        ("\xef\xbb\xbf import", ""),
        ("#! a\n import", ""),
        ("a\n--> b\n import", "a"),
    ],
)
def test_comments_and_blanks_in_front_do_not_count(text: str, before: str) -> None:
    lexer = Lexer(text)
    [word] = [token for token in lexer.tokens() if token.kind == "import"]
    assert text[: lexer.end_before(word.start)] == before


@given(SCRIPTS | st.text(), st.booleans())
def test_arbitrary_text_never_raises_and_tokens_stand_in_order(text: str, is_module: bool) -> None:
    at = 0
    for token in lex(text, is_module=is_module):
        assert max(at, 0) <= token.start + (token.kind == "template") < token.end + 1 <= len(text) + 1
        assert token.depth >= 0
        at = token.end


@pytest.mark.slow
def test_J6_J7_agrees_with_a_parser_on_real_scripts(parse) -> None:
    scripts = real_scripts()
    assert len(scripts) > 200
    read = 0
    for text, expected in zip(scripts, parse(scripts), strict=True):
        if expected is None:
            continue
        read += 1
        tokens = lex(text, is_module=expected["is_module"])
        literals = [
            [token.kind, token.start, token.end] for token in tokens if token.kind in ("string", "regex", "comment")
        ]
        wanted = [[{"regexp": "regex"}.get(kind, kind), start, end] for kind, start, end in expected["literals"]]
        assert [one for one in literals if one[0] != "comment"] == [one for one in wanted if one[0] != "comment"]
        # Of comments the places are not the same: those like `-->` begin where the line before ends.
        assert len(literals) == len(wanted)
    assert read > 200
