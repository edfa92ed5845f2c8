"""The runtime in front of a worker's script, in scripts and in modules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite import runtime
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.javascript.prologue import prologue_for
from backend_lambda.rewrite.javascript.worker import rewrite_worker
from tests.backend_lambda.rewrite.javascript.samples import real_scripts

SOURCE = "/abc123/__hw/worker-0123.js"
IN_MODULE = prologue_for(SOURCE, is_module=True)
IN_SCRIPT = prologue_for(SOURCE, is_module=False)


@pytest.fixture
def document(below_prefix: RewriteContext) -> Document:
    return Document(below_prefix, "/js/w.js")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("|a", id="J15-first"),
        pytest.param("#!/usr/bin/node\n|a", id="J15-hashbang"),
        pytest.param("\xef\xbb\xbf|a", id="J15-byte-order-mark"),
        pytest.param("// a\r\n/* b */ |c", id="J15-comments"),
        pytest.param("<!-- a\n--> b\n|c", id="J15-html-comments"),
        pytest.param("'use strict'; |a", id="J15-use-strict"),
        pytest.param("/* a */ 'use strict' /* b */ ; // c\n |d", id="J15-use-strict-amid-comments"),
        pytest.param("\"use strict\"\n'use asm';|a", id="J15-two-directives"),
        pytest.param("'use strict'\n|a", id="J15-use-strict-without-semicolon"),
        pytest.param("'use strict'\n|!function () {}()", id="J15-use-strict-and-not"),
        pytest.param("'use strict'\r|++a", id="J15-use-strict-and-increment"),
        pytest.param("'use strict' /*\n*/ |var a", id="J15-line-break-in-a-comment"),
        pytest.param("'use strict'\n|instance", id="J15-use-strict-and-a-name"),
        pytest.param("|'a'.b", id="J15-string-with-a-property"),
        pytest.param("|'a'\n.b()", id="J15-string-with-a-property-on-the-next-line"),
        pytest.param("|'a'\n(b)", id="J15-string-that-is-called"),
        pytest.param("|'a'\n/b/c", id="J15-string-that-is-divided"),
        pytest.param("|'a'\ninstanceof b", id="J15-string-with-an-operator"),
        pytest.param("|'a'\n!= b", id="J15-string-that-is-compared"),
        pytest.param("|'a', b", id="J15-list-of-expressions"),
        pytest.param("'use strict';|'a'+b", id="J15-directive-and-expression"),
        pytest.param("|(function () { 'use strict' })()", id="J15-use-strict-of-a-function"),
        pytest.param("|/a/.b()", id="J15-regular-expression"),
        pytest.param("|`use strict`", id="J15-template"),
        pytest.param("// \xe2\x80\xa8|a", id="J15-other-line-ends"),
    ],
)
def test_the_runtime_comes_before_the_first_statement_of_a_script(text: str, document: Document) -> None:
    out = rewrite_worker(text.replace("|", ""), document, SOURCE)
    assert out == text.replace("|", IN_SCRIPT)
    assert rewrite_worker(out, document, SOURCE) == out


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("|import 'a'", id="J15-import"),
        pytest.param("#! a\n// b\n/* c */|'use strict'; import 'a'", id="J15-directive-in-a-module"),
        pytest.param("// a\n|b(); import 'c'", id="J15-import-further-down"),
        pytest.param("|'a'; export {}", id="J15-export"),
        pytest.param("|await a", id="J15-await"),
    ],
)
def test_the_runtime_is_the_first_import_of_a_module(text: str, document: Document) -> None:
    out = rewrite_worker(text.replace("|", ""), document, SOURCE)
    assert out == text.replace("|", IN_MODULE)
    assert rewrite_worker(out, document, SOURCE) == out


@pytest.mark.parametrize("text", ["", " \n", "// a", "#! a", "'use strict'", "'use strict';\n// a", "<!-- a"])
def test_J15_where_nothing_runs_nothing_is_added(text: str, document: Document) -> None:
    assert rewrite_worker(text, document, SOURCE) == text
    assert document.report.edits == {}


def test_J12_lines_stay_where_they_are(document: Document) -> None:
    for text in ("'use strict'\n\na()\nb()\n//# sourceMappingURL=w.js.map", "#! a\n\nimport 'b'\nc()"):
        out = rewrite_worker(text, document, SOURCE)
        assert [line.replace(IN_SCRIPT, "").replace(IN_MODULE, "") for line in out.split("\n")] == text.split("\n")


def test_an_odd_path_of_the_runtime_is_a_string_still(document: Document) -> None:
    assert '"/it\\u0027s\\u0022\\u00e9"' in rewrite_worker("a", document, "/it's\"\xe9")
    assert rewrite_worker("export {}", document, "/\\") == 'import "/\\u005c";export {}'


def test_the_prologue_knows_the_runtime_s_mark() -> None:
    core = (Path(runtime.__file__).parent / "core.js").read_text(encoding="utf-8")
    [mark] = re.findall(r"const MARK = (.*?);", core)
    assert f"self[{mark}]" in IN_SCRIPT


_FIRST = st.sampled_from(
    ["#! a\n", "// a\n", "/* a */", "<!-- a\n", "'use strict';", "'use strict'\n", '"a";\n', "'a' /*\n*/"]
)
_THEN = st.sampled_from(
    ["a()", "!function () {}()", "/a/.b", "`a`", "[a]", "(a)", "var a", "let b = `${c}`", "import('/a')", "++a", "-a",
     "'a'+b", "import '/a'", "import {a} from '/a'\nb", "export default 1", "await a", "import.meta.url", "{}", ";",
     "if (a) b; else c"]
)  # fmt: skip


@pytest.mark.slow
def test_what_is_rewritten_parses_as_what_it_was(below_prefix: RewriteContext, parse) -> None:
    @st.composite
    def scripts(draw: st.DrawFn) -> str:
        first = draw(st.lists(_FIRST, max_size=4))
        return "".join(first) + ";\n".join(draw(st.lists(_THEN, min_size=1, max_size=3)))

    texts: set[str] = set()

    @given(scripts())
    def collect(text: str) -> None:
        texts.add(text)

    collect()
    before = sorted(texts) + real_scripts()
    after = [rewrite_worker(text, Document(below_prefix, "/js/w.js"), SOURCE) for text in before]
    assert after != before
    for was, now, text in zip(parse(before), parse(after), before, strict=True):
        if was is not None:
            assert now is not None, text
            # `await` shows a module that does not show itself otherwise; then both ways are open.
            assert now["is_module"] == was["is_module"] or (was["is_module"] and not was["signs"])


# Runs a script as a worker does, as far as that matters here: what ran in which order, and which names the app sees.
_WORKER = """
const vm = require("vm"), fs = require("fs");
const { text, kind, status = 200 } = JSON.parse(fs.readFileSync(0, "utf8"));
const order = [], requests = [];
const realm = vm.createContext({ order, requests });
vm.runInContext(`
  self = globalThis;
  importScripts = function (url) {
    requests.push("importScripts " + url);
    if (${JSON.stringify(kind)} !== "script") throw new TypeError("no importScripts in modules");
    if (${status} !== 200) throw new Error("NetworkError");
    order.push("runtime");
  };
  XMLHttpRequest = class {
    open(method, url, isAsync) { requests.push([method, url, isAsync].join(" ")); }
    send() { this.status = ${status}; this.responseText = "var seen = this === self; order.push('runtime')"; }
  };
  if (${JSON.stringify(kind)} === "service worker") delete self.XMLHttpRequest;
`, realm);
const names = Object.getOwnPropertyNames(realm.self);
let failure = "";
try { vm.runInContext(text, realm); } catch (error) { failure = String(error); }
const made = Object.getOwnPropertyNames(vm.runInContext("self", realm)).filter((name) => !names.includes(name));
process.stdout.write(JSON.stringify({ order, requests, made, failure }));
"""
_APP = "'use strict'\norder.push(typeof e + typeof r, (function () { return this })() === undefined)"


@pytest.mark.parametrize(
    ("kind", "status", "order", "requests", "made"),
    [
        pytest.param("script", 200, ["runtime"], [f"importScripts {SOURCE}"], [], id="J15-script"),
        pytest.param("script", 404, [], [f"importScripts {SOURCE}"], [], id="J15-script-without-runtime"),
        pytest.param(
            "module", 200, ["runtime"], [f"importScripts {SOURCE}", f"GET {SOURCE} false"], ["seen"], id="J15-module"
        ),
        pytest.param(
            "module", 404, [], [f"importScripts {SOURCE}", f"GET {SOURCE} false"], [], id="J15-module-without-runtime"
        ),
        pytest.param("service worker", 200, [], [f"importScripts {SOURCE}"], [], id="J15-service-worker-module"),
    ],
)
def test_the_runtime_runs_before_the_app(
    kind: str, status: int, order: list[str], requests: list[str], made: list[str], document: Document, run_node
) -> None:
    text = rewrite_worker(_APP, document, SOURCE)
    outcome = json.loads(run_node("-e", _WORKER, given=json.dumps({"text": text, "kind": kind, "status": status})))
    assert outcome["failure"] == ""
    assert outcome["order"] == [*order, "undefinedundefined", True], "the app stays strict and sees no name of ours"
    assert outcome["requests"] == requests
    assert outcome["made"] == made


def test_the_runtime_is_not_loaded_twice(document: Document, run_node) -> None:
    text = "self[Symbol.for('hatchway')] = {};" + rewrite_worker("order.push('app')", document, SOURCE)
    outcome = json.loads(run_node("-e", _WORKER, given=json.dumps({"text": text, "kind": "module"})))
    assert outcome == {"order": ["app"], "requests": [], "made": [], "failure": ""}


@pytest.mark.parametrize(("text", "suffix"), [("a/2\nimport '/b'; export {}", "mjs"), ("'use strict'\n!a", "cjs")])
def test_node_accepts_what_is_rewritten(text: str, suffix: str, document: Document, tmp_path: Path, run_node) -> None:
    file = tmp_path / f"w.{suffix}"
    file.write_text(rewrite_worker(text, document, SOURCE), encoding="latin-1")
    assert run_node("--check", str(file)) == ""
