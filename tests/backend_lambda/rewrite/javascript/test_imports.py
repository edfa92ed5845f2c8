"""Where scripts name modules, and which of them are modules."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_lambda.rewrite.javascript.imports import find_imports
from tests.backend_lambda.rewrite.javascript.samples import SCRIPTS, real_scripts


def specifiers(text: str) -> list[str]:
    return [text[start:end] for start, end in find_imports(text).specifiers]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('import x from "/a.js"', ["/a.js"], id="J1-default"),
        pytest.param("import '/a.js'", ["/a.js"], id="J1-for-its-effects"),
        pytest.param(
            "import*as a from'/a';import{b as c,default as d}from'/b';import e,{f}from\"/c\"",
            ["/a", "/b", "/c"],
            id="J1-minified",
        ),
        pytest.param(
            "import a, * as b from '/a'; import {} from '/b'\nimport from from '/c'", ["/a", "/b", "/c"], id="J1-forms"
        ),
        pytest.param("import {'}' as a, /* } */ b, // }\n c} from '/a'", ["/a"], id="J1-braces-in-names-and-comments"),
        pytest.param("import/*'/n'*/a/**/from// '/n'\n'/a'", ["/a"], id="J1-comments-between"),
        pytest.param(
            "import defer * as a from '/a'; import source b from '/b'; import source from '/c'",
            ["/a", "/b", "/c"],
            id="J1-phases",
        ),
        pytest.param("import {\u00e9, \\u0061} from '/a'", ["/a"], id="J1-other-letters"),
        pytest.param('import d from "/j" with {type: "json"}', ["/j"], id="J1-attributes"),
        pytest.param('import d from "/j" assert {type: "json"}', ["/j"], id="J1-old-attributes"),
        pytest.param(
            "export * from '/a'; export * as b from '/b'; export * as 'c' from '/c'",
            ["/a", "/b", "/c"],
            id="J1-export-all",
        ),
        pytest.param("export {a as default} from '/a'; export{}from'/b'", ["/a", "/b"], id="J1-re-export"),
        pytest.param("export {a}; export default '/n'; export const b = '/n'", [], id="J1-other-exports"),
        pytest.param(
            "a\nimport '/a'\nb++\nimport '/b'\n'c'\nexport * from '/c'", ["/a", "/b", "/c"], id="J1-without-semicolons"
        ),
        pytest.param("{}import'/a';/r/\nimport'/b'", ["/a", "/b"], id="J1-behind-blocks-and-regular-expressions"),
    ],
)
def test_static_imports(text: str, expected: list[str]) -> None:
    assert specifiers(text) == expected
    assert find_imports(text).is_module


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('import("/a.js")', ["/a.js"], id="J1-dynamic"),
        pytest.param("f(async () => (await import('/a')).b, import(`/c`))", ["/a", "/c"], id="J1-anywhere"),
        pytest.param("import(/* webpackChunkName: '/n' */ '/a' /**/)", ["/a"], id="J1-dynamic-with-comments"),
        pytest.param(
            "import('/a', {with: {type: 'json'}}); import('/b',)", ["/a", "/b"], id="J1-dynamic-with-attributes"
        ),
        pytest.param("import.source('/a'); import.defer('/b')", ["/a", "/b"], id="J1-dynamic-phases"),
        pytest.param("[...import('/a')]", ["/a"], id="J1-spread"),
        pytest.param("`${import('/a')}`", ["/a"], id="J1-in-a-template"),
        pytest.param(r"import('\/a\'b')", [r"\/a\'b"], id="J1-escapes"),
        pytest.param("import(x); import('/a' + b); import(`/a/${n}.js`); import(['/a'])", [], id="J2-computed"),
        pytest.param("a.import('/x'); a?.import('/x'); a. /**/ import('/x'); this.#import('/x')", [], id="J13-methods"),
        pytest.param(
            "System.import('/x'); require('/x'); define(['/x'], f); imports('/x')", [], id="J13-other-loaders"
        ),
        pytest.param("importScripts('/x')", [], id="J4-importScripts"),
        pytest.param("'import \"/x\"'; \"import('/x')\"; `import '/x'`", [], id="J6-strings"),
        pytest.param("// import '/x'\n/* import('/x') */", [], id="J6-comments"),
        pytest.param("/import '\\/x'/; a = /[/]import('\\/x')/", [], id="J6-regular-expressions"),
        pytest.param("`a ${`import('/x')`} import('/x')`", [], id="J6-nested-templates"),
        pytest.param("const a = <p>\nimport '/x'\n</p>", [], id="J6-JSX"),
        pytest.param("location.pathname === '/docs'; switch (a) { case '/': b = {path: '/x'} }", [], id="J7-literals"),
        pytest.param(
            "eval(\"import('/x')\"); new Function(\"import('/x')\"); setTimeout(\"import('/x')\")",
            [],
            id="J11-code-in-strings",
        ),
        pytest.param("<!-- import('/x')\n--> import('/x')\n", [], id="J15-html-comments"),
        pytest.param("({import: '/x', export: '/x'}); import; import x; import '", [], id="other-uses"),
        pytest.param("{ import '/x' }", [], id="not-inside-brackets"),
        pytest.param("x import '/x'", [], id="not-inside-a-statement"),
    ],
)
def test_what_a_script_may_have_too(text: str, expected: list[str]) -> None:
    assert specifiers(text) == expected
    assert not find_imports(text).is_module


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import.meta.url", [], id="J3-url"),
        pytest.param("new URL('/w.js', import.meta.url)", [], id="J3-relative-to-it"),
        pytest.param("import.meta.resolve('/x')", ["/x"], id="J2-resolve"),
        pytest.param("import . meta . resolve ( /**/ `/x` )", ["/x"], id="J2-resolve-with-blanks"),
        pytest.param("import.meta.resolve(x); import.meta.resolver('/x')", [], id="J2-resolve-computed"),
        pytest.param("[...import.meta.glob('/x')]", [], id="J3-spread"),
        pytest.param("export default 1", [], id="J1-export-default"),
        pytest.param("export default'a'", [], id="J1-export-default-minified"),
        pytest.param("}export{a}", [], id="J1-export-minified"),
        pytest.param("export async function f() {}", [], id="J1-export-function"),
        pytest.param("await f()", [], id="await-first"),
        pytest.param("a; await f(); b", [], id="await-statement"),
        pytest.param("f()\nawait new A", [], id="await-without-semicolon"),
        pytest.param("if (a) await f()", [], id="await-in-a-condition"),
        pytest.param("const a = await f()", [], id="await-for-a-constant"),
        pytest.param("a; let {b, c} = await f()", [], id="await-for-several"),
        pytest.param("a\nvar[b]=await f()", [], id="await-minified"),
        pytest.param("for await (const a of b) {}", [], id="for-await"),
        pytest.param("a<!--import('/n')\nimport '/x'", ["/n", "/x"], id="J15-no-html-comments-in-modules"),
    ],
)
def test_modules(text: str, expected: list[str]) -> None:
    assert find_imports(text).is_module
    assert specifiers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("async () => await f()", id="arrow"),
        pytest.param("const a = async () => await f()", id="arrow-as-a-constant"),
        pytest.param("async () =>\nawait f()", id="arrow-and-a-new-line"),
        pytest.param("async () => a = await f()", id="arrow-with-an-assignment"),
        pytest.param("async function f() { await g(); for await (a of b) {} const c = await d }", id="function"),
        pytest.param("await(f); await\nf; await => 1; await + a; await in a; await = b; await`c`", id="variable"),
        pytest.param("a.await b; {await: 1}", id="property"),
        pytest.param("a.import.meta; a.export; export; exports.a = 1; x.export\n= 1", id="other-words"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_does_not_prove_a_module(text: str) -> None:
    assert not find_imports(text).is_module


_NOISE = st.sampled_from(
    ["'import \"/n\"';", "/import('\\/n')/;", "`import('/n')${1}`;", "// import '/n'\n", "/* import('/n') */",
     "f(a / 2);", "if (a) /'/.b();", "x = {a: 1};", "function f() { return /`/ }\n", "a++;", "\n\n", "[1, 2][0] / 3;",
     "(a => {})();", "<!-- import '/n'\n", "class A { b = `${{}}` }"]
)  # fmt: skip
_IMPORTS = st.sampled_from(
    [
        ("import '", "/a", "';"),
        ('import b from "', "./b", '" with {type: "json"};'),
        ("export * from '", "c", "';"),
        ("import {d}\nfrom'", "https://o/d", "'\n"),
        ("import(`", "/e", "`);"),
        ("f(import('", "/f", "'));"),
        ('export{g}from"', r"\x2fg", '";'),
    ]
)


@given(st.lists(_NOISE | _IMPORTS, max_size=12))
def test_the_same_is_found_amid_anything(parts: list[str | tuple[str, str, str]]) -> None:
    text = "".join(part if isinstance(part, str) else "".join(part) for part in parts)
    assert specifiers(text) == [part[1] for part in parts if not isinstance(part, str)]


@given(SCRIPTS | st.text())
@example("import")
def test_arbitrary_text_never_raises(text: str) -> None:
    at = 0
    for start, end in find_imports(text).specifiers:
        assert at < start <= end < len(text)
        assert text[start - 1] == text[end]
        assert text[end] in "\"'`"
        at = end


@pytest.mark.slow
def test_J1_agrees_with_a_parser_on_real_scripts(parse) -> None:
    scripts = real_scripts()
    modules = 0
    for text, expected in zip(scripts, parse(scripts), strict=True):
        if expected is not None:
            imports = find_imports(text)
            assert [list(span) for span in imports.specifiers] == expected["specifiers"]
            assert imports.is_module == expected["is_module"]
            modules += expected["signs"]
    assert modules > 50
