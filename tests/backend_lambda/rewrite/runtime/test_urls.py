"""The URL rule as scripts meet it: the runtime decides as the server does, in default mode and in strip mode."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.loading import config_for
from backend_lambda.rewrite.runtime import __name__ as RUNTIME
from backend_lambda.rewrite.urlmap import map_url
from tests.apps.node import node
from tests.backend_lambda.rewrite.test_urlmap import CASES

E, P = "https://t.example", "/abc123"
CONTEXT = RewriteContext("abc123", P, E, "http://localhost:3000")
AT_A_B = f"{E}{P}/a/b"

# Runs urls.js for one document after another: {config, base, url, against, unmap} a line, {result, href} back.
_DRIVER = """
const source = require("node:fs").readFileSync(process.argv[1], "utf-8");
const given = ["config", "document", "self", "Node", "location", "publicOrigin"];
const make = new Function(...given, source + "; return { mapUrl, unmapUrl };");
const made = new Map();
const urlsOf = (config, base) => {
  const key = JSON.stringify([config, base]);
  if (!made.has(key)) {
    class Node { get baseURI() { return base; } }
    made.set(key, make(config, new Node(), { Node }, Node, { href: base }, new URL(config.public).origin));
  }
  return made.get(key);
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { config, base, url, against, unmap } = JSON.parse(line);
  const { mapUrl, unmapUrl } = urlsOf(config, base);
  const result = unmap ? unmapUrl(url) : mapUrl(url, against);
  const href = (text) => { try { return new URL(text, base).href; } catch { return null; } };
  console.log(JSON.stringify({ result, href: href(result), wanted: href(unmap ?? url) }));
});
"""

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Asks the runtime: what becomes of `url` in a document at `base`; `against`: another base."""
    process = subprocess.Popen(
        [node(), "-e", _DRIVER, str(files(RUNTIME) / "urls.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(url: str, base: str = AT_A_B, context: RewriteContext = CONTEXT, **more: Any) -> dict[str, Any]:
        config = json.loads(config_for(context, strip=False))
        process.stdin.write(json.dumps({"config": config, "base": base, "url": url, **more}) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    yield ask
    process.stdin.close()
    process.stdout.close()
    process.wait()


@pytest.mark.parametrize(("url", "expected"), [c[1:] for c in CASES], ids=[f"{c[0]}-{c[1]!r}" for c in CASES])
def test_reference_of_a_page_at_a_b(ask: Ask, url: str, expected: str) -> None:
    answer = ask(url)
    assert answer["href"] == ask(expected)["wanted"]
    assert (answer["result"] == url) is (expected == url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("x", f"{P}/a/x", id="U7"),
        pytest.param("./x?q#f", f"{P}/a/x?q#f", id="U7-dot"),
        pytest.param("../x", f"{P}/x", id="U7-dots"),
        pytest.param("?q", f"{P}/a/b?q", id="U7-query"),
        pytest.param("#f", "#f", id="U7-fragment"),
        pytest.param("", "", id="U7-empty"),
        pytest.param("../../../x", f"{P}/x", id="U8"),
        pytest.param("/x", f"{P}/x", id="U1"),
        pytest.param(f"{P}/x", f"{P}/x", id="U2"),
        pytest.param("{{tpl}}", "{{tpl}}", id="U9-template"),
        pytest.param("https://other/x", "https://other/x", id="U6"),
    ],
)
def test_reference_of_a_page_without_its_prefix(ask: Ask, url: str, expected: str) -> None:
    """Strip mode: the document is at `E/a/b`, where nothing must be asked for."""
    base = f"{E}/a/b?old#fragment"
    answer = ask(url, base)
    assert answer["href"] == ask(expected, base)["wanted"]
    assert (answer["result"] == url) is (expected == url)


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        pytest.param("http://localhost:3000/x", "blob:https://t.example/1", f"{E}{P}/x", id="J5-own"),
        pytest.param(f"{E}/x", "blob:https://t.example/1", f"{E}{P}/x", id="J5-public"),
        pytest.param(f"{E}{P}/x", "blob:https://t.example/1", f"{E}{P}/x", id="J5-prefixed"),
        pytest.param("x", "blob:https://t.example/1", "x", id="J5-relative"),
        pytest.param("http://localhost:3000/x", "data:text/javascript,1", f"{E}{P}/x", id="J5-data"),
    ],
)
def test_where_paths_cannot_be_resolved(ask: Ask, url: str, base: str, expected: str) -> None:
    assert ask(url, base)["result"] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("x.png", "x.png", id="R14-relative"),
        pytest.param("../../../x.png", f"{P}/x.png", id="R14-climbing"),
        pytest.param("/x.png", f"{P}/x.png", id="R14-path"),
    ],
)
def test_reference_in_a_style_sheet(ask: Ask, url: str, expected: str) -> None:
    """Relative to the sheet, whose address is below the prefix even if it is told without, wherever the page is."""
    for sheet in (f"{E}/css/deep/a.css", f"{E}{P}/css/deep/a.css"):
        for base in (AT_A_B, f"{E}/a/b"):
            assert ask(url, base, against=sheet)["result"] == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(f"{E}{P}/x?q#f", f"{E}/x?q#f", id="U2-absolute"),
        pytest.param(f"{P}/x", "/x", id="U2-path"),
        pytest.param(P, "/", id="U2-alone"),
        pytest.param(f"{E}{P}?q", f"{E}/?q", id="U2-query"),
        pytest.param(f"wss://t.example{P}/s", "wss://t.example/s", id="U4"),
        pytest.param(f"{P}4/x", f"{P}4/x", id="U2-other-segment"),
        pytest.param(f"{P}//evil/x", f"{E}//evil/x", id="U10-no-network-path"),
        pytest.param(f"{P}/\\evil/x", f"{E}/\\evil/x", id="U10-backslash"),
        pytest.param(f"https://other{P}/x", f"https://other{P}/x", id="U6"),
        pytest.param(f"{E}.evil{P}/x", f"{E}.evil{P}/x", id="U6-longer-host"),
        pytest.param("x", "x", id="U7"),
        pytest.param("", "", id="U7-empty"),
    ],
)
def test_the_way_back(ask: Ask, url: str, expected: str) -> None:
    assert ask(url, unmap=expected)["result"] == expected


def test_plain_http_and_other_ports(ask: Ask) -> None:
    context = RewriteContext("abc123", P, "http://127.0.0.1:4780", "https://localhost:8443")
    base = f"http://127.0.0.1:4780{P}/a/b"
    for url in (
        "https://localhost:8443/x",
        "https://127.0.0.1:8443/x",
        "http://127.0.0.1:4780/x",
        "//127.0.0.1:4780/x",
    ):
        assert ask(url, base, context)["href"] == f"http://127.0.0.1:4780{P}/x"
    for url in ("wss://localhost:8443/s", "ws://127.0.0.1:4780/s"):
        assert ask(url, base, context)["result"] == f"ws://127.0.0.1:4780{P}/s"
    for url in ("http://127.0.0.1:4781/x", "https://localhost/x", "//localhost/x"):
        assert ask(url, base, context)["result"] == url


_PIECES = st.sampled_from(
    ["/", "\\", "//", ".", "..", "%2e", "%2E%2e", "?", "#", ":", "x", "a b", "é", "\t", "\n", " ", "@", "{{t}}", "%2f",
     "abc123", "abc1234", "http:", "https:", "ws:", "WSS:", "javascript:", "localhost:3000", "127.0.0.1:3000",
     "[::1]:3000", "t.example", "T.EXAMPLE:443", "t.example:80", "other", "localhost", "/abc123/", "https://t.example",
     "http://localhost:3000"]
)  # fmt: skip
# The server leaves these alone in https pages; here they count as what browsers make of them.
_HTTP_WITHOUT_SLASH = re.compile(r"\s*http:\s*[^\s/\\]")
_REFERENCES = st.lists(_PIECES, max_size=8).map("".join)


@settings(max_examples=100)
@given(_REFERENCES)
@example("http:/abc123/")
@example("../..//")
@example("../../../abc123/x")
def test_decides_as_the_server_does(ask: Ask, url: str) -> None:
    assume(not _HTTP_WITHOUT_SLASH.match(url))
    answer, expected = ask(url), ask(map_url(url, CONTEXT, document_path="/a/b"))
    assert answer["href"] == expected["wanted"]


@settings(max_examples=100)
@given(_REFERENCES)
def test_leads_nowhere_else_on_the_origin(ask: Ask, url: str) -> None:
    """Whatever the reference and wherever the page is shown: on the own origin, only what lies below the prefix."""
    for base in (AT_A_B, f"{E}/a/b"):
        answer = ask(url, base)
        parts = urlsplit(answer["href"] or "")
        is_page = not url.strip("\t\n\r ") or url.strip("\t\n\r ").startswith("#")
        if f"{parts.scheme}://{parts.netloc}" == E and not is_page and "{{" not in url:
            assert (parts.path + "/").startswith(f"{P}/")
        assert ask(answer["result"], base)["href"] == answer["href"], "mapping twice is mapping once"


@settings(max_examples=100)
@given(_REFERENCES)
@example("https://t.example /")
@example("https:../abc123/")
@example("https:?x")
@example("https:{{t}}/x")
@example("https:#x")
def test_strip_mode_agrees_with_the_server(ask: Ask, url: str) -> None:
    assume(not _HTTP_WITHOUT_SLASH.match(url))
    base = f"{E}/a/b"
    expected = Document(CONTEXT, "/a/b", strip=True).map(url)
    answer, wanted = ask(url, base), ask(expected, base)["wanted"]
    parts = urlsplit(wanted or "")
    if parts.netloc != "t.example" or (parts.path + "/").startswith(f"{P}/"):
        assert answer["href"] == wanted


@settings(max_examples=100)
@given(_REFERENCES)
def test_reads_back_as_the_app_knows_it(ask: Ask, url: str) -> None:
    """What is mapped and read back leads to the same resource as in an app that has the origin for itself."""
    mapped = ask(url)
    if mapped["href"] is None or not mapped["href"].startswith(f"{E}{P}"):
        return
    back = ask(mapped["href"], unmap="")["result"]
    assert ask(back)["href"] == mapped["href"]
