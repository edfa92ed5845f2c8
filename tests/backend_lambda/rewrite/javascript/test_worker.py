"""Scripts of workers: the runtime first, then the app, with nothing changed but what it imports."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.javascript.prologue import prologue_for
from backend_lambda.rewrite.javascript.worker import LONGEST_SCRIPT, WorkerRewriter, rewrite_worker
from tests.backend_lambda.rewrite.javascript.samples import SCRIPTS

SOURCE = "/abc123/__hw/worker-0123.js"
IN_MODULE = prologue_for(SOURCE, is_module=True)
IN_SCRIPT = prologue_for(SOURCE, is_module=False)


@pytest.fixture
def document(below_prefix: RewriteContext) -> Document:
    return Document(below_prefix, "/js/w.js")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import x from '/a.js'", "import x from '/abc123/a.js'", id="J1-default"),
        pytest.param(
            'import d from "/j" with {type:"json"}', 'import d from "/abc123/j" with {type:"json"}', id="J1-attributes"
        ),
        pytest.param(
            "export * from '/a.js'; export {a as default} from '/b'",
            "export * from '/abc123/a.js'; export {a as default} from '/abc123/b'",
            id="J1-export",
        ),
        pytest.param(
            "import '/a'; import('/b'); import(`/c`)",
            "import '/abc123/a'; import('/abc123/b'); import(`/abc123/c`)",
            id="J1-dynamic",
        ),
        pytest.param(
            "import 'http://localhost:3000/a'; import '//localhost:3000/b'",
            "import '/abc123/a'; import '/abc123/b'",
            id="J1-own-origin",
        ),
        pytest.param(
            "import './a'; import '../b'; import '../../c'",
            "import './a'; import '../b'; import '/abc123/c'",
            id="J1-relative",
        ),
        pytest.param(
            "import 'react'; import '#a'; import '@b/c'; import 'https://o/x'; import 'data:text/javascript,1'",
            None,
            id="J1-bare-and-elsewhere",
        ),
        pytest.param("import '/abc123/a'", None, id="J1-prefixed"),
        pytest.param(
            r"import '\/a'; import '\x2fb'; import '\u{2f}c'; import 'http:\/\/localhost:3000\/d'",
            r"import '/abc123\/a'; import '/abc123\x2fb'; import '/abc123\u{2f}c'; import '/abc123\/d'",
            id="J1-escapes",
        ),
        pytest.param(
            "import '/\xc3\xa9'; 'http://localhost:3000/\xe9'",
            "import '/abc123/\xc3\xa9'; 'http://localhost:3000/\xe9'",
            id="J1-bytes-of-any-charset",
        ),
        pytest.param("import '/\u4e2d\U0001f600'", "import '/abc123/\u4e2d\U0001f600'", id="J1-utf-16"),
        pytest.param("import.meta.resolve('/x')", "import.meta.resolve('/abc123/x')", id="J2-resolve"),
        pytest.param("new URL('/w.js', import.meta.url)", None, id="J3-import-meta"),
        pytest.param("export const a = [`/a/${n}`, import(x), import('/a/' + n)]", None, id="J2-computed"),
        pytest.param(
            "export default '/x' // import '/x'\n/* import '/x' */; `import '/x'`; /import '\\/x'/",
            None,
            id="J6-looks-like-code",
        ),
        pytest.param(
            "export const routes = {'/docs': '/api', a: \"http://localhost:3000/\"}; location.pathname === '/docs'",
            None,
            id="J7-literals",
        ),
    ],
)
def test_a_module_s_imports_move(text: str, expected: str | None, document: Document) -> None:
    out = rewrite_worker(text, document, SOURCE)
    assert out == IN_MODULE + (text if expected is None else expected)
    assert rewrite_worker(out, document, SOURCE) == out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import('/a').then(f)", "import('/abc123/a').then(f)", id="J1-dynamic"),
        pytest.param("importScripts('/a.js', 'b.js')", None, id="J4-importScripts"),
        pytest.param("fetch('/api'); if (location.pathname == '/docs') a = /\\/x/", None, id="J7-literals"),
        pytest.param("eval(\"import('/x')\"); new Function(\"import('/x')\")", None, id="J11-code-in-strings"),
        pytest.param("a\n//# sourceMappingURL=/w.js.map\n", None, id="J12-source-map"),
        pytest.param(
            "require.config({baseUrl: '/js'}); __webpack_public_path__ = '/'; System.import('/x')",
            None,
            id="J13-loaders",
        ),
        pytest.param(
            "(function (a, b) { typeof exports == 'object' ? module.exports = b() : a.c = b() })(this, f)",
            None,
            id="J13-umd",
        ),
        pytest.param("<!-- import '/x'\n a", None, id="J15-html-comment"),
    ],
)
def test_of_a_script_only_literal_imports_move(text: str, expected: str | None, document: Document) -> None:
    out = rewrite_worker(text, document, SOURCE)
    assert out.replace(IN_SCRIPT, "", 1) == (text if expected is None else expected)
    assert IN_SCRIPT in out
    assert rewrite_worker(out, document, SOURCE) == out


def test_edits_are_counted(document: Document) -> None:
    rewrite_worker("import '/a'; import('/b'); import 'c'", document, SOURCE)
    assert document.report.edits == {"runtime": 1, "specifier": 2}


def test_the_whole_script_is_waited_for(below_prefix: RewriteContext) -> None:
    rewriter = WorkerRewriter(Document(below_prefix, "/js/w.js"), SOURCE)
    assert rewriter.feed("export * from '/") == ""
    assert rewriter.feed("a'") == ""
    assert rewriter.pending == "export * from '/a'"
    assert rewriter.close() == f"{IN_MODULE}export * from '/abc123/a'"


def test_a_huge_script_still_gets_the_runtime(below_prefix: RewriteContext) -> None:
    document = Document(below_prefix, "/js/w.js")
    rewriter = WorkerRewriter(document, SOURCE)
    data = "x" * LONGEST_SCRIPT
    out = (
        rewriter.feed("import '/a'; b = '") + rewriter.feed(data) + rewriter.feed("'; import('/c')") + rewriter.close()
    )
    assert out == f"{IN_MODULE}import '/abc123/a'; b = '{data}'; import('/c')"
    assert document.report.notes == ["too large"]


_PLAIN = SCRIPTS.filter(lambda text: "abc123" not in text)


@given(_PLAIN | st.text())
def test_arbitrary_text_never_raises_and_twice_is_once(below_prefix: RewriteContext, text: str) -> None:
    document = Document(below_prefix, "/js/w.js")
    once = rewrite_worker(text, document, SOURCE)
    assert rewrite_worker(once, document, SOURCE) == once


@given(_PLAIN)
def test_without_the_insertions_it_is_the_script_that_came(below_prefix: RewriteContext, text: str) -> None:
    out = rewrite_worker(text, Document(below_prefix, "/js/w.js"), SOURCE)
    for statement in (IN_MODULE, IN_SCRIPT):
        out = out.replace(statement, "", 1)
    assert out.replace("/abc123", "") == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["(", ")", "{", "}", "`", "`${", "${", "'", '"', "'\n", "'a';", "'a'\n", "/", "/ ", "/[", "= /[ ", "=/a", "/*",
     "/**/", "/*\n*/", "//", "//\n", "-->", "\n-->", "\n/**/", "<!--", "\\", "import", "import ", "import(",
     "import{", "import{}", "import/**/", "import a,", "import('", "import(`", "import.", "import.meta",
     "import.meta.resolve(", "export{", "export*as ", "await ", "const a = await\n", "{} /a", ") /", "( )/", "} /",
     "return/", "\r", " ", "a", "\xe2", "...", "if(a)/", "import'/'\n", "import'\\"]
)  # fmt: skip
def test_hostile_repetition_takes_linear_time(below_prefix: RewriteContext, piece: str) -> None:
    def seconds(size: int) -> float:
        spent = 0.0
        for opening in ("", "(" + " " * 200 + "/**/" * 50):
            # The last word makes sure that all of it is read.
            text = opening + piece * (size // len(piece)) + "\nimport"
            start = time.process_time()
            rewrite_worker(text, Document(below_prefix), SOURCE)
            spent += time.process_time() - start
        return spent

    small, large = min(seconds(12_500) for _ in range(3)), min(seconds(100_000) for _ in range(2))
    assert large < 32 * max(small, 0.002), (small, large)
