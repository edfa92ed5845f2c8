"""A document at `/a/b`, rewritten whole and, to see that this makes no difference, character by character and twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.report import Report
from backend_lambda.rewrite.xml import XmlRewriter

LOADER = Loader("/abc123/__hw/rt-0123.js", '{"tunnel":"abc123"}', insert="always")
RUNTIME = (
    '<script xmlns="http://www.w3.org/1999/xhtml" src="/abc123/__hw/rt-0123.js" '
    """data-hw='{"tunnel":"abc123"}'></script>"""
)
IMPORT_MAP = (
    '<script xmlns="http://www.w3.org/1999/xhtml" type="importmap">'
    '{"imports":{"/":"/abc123/","/abc123/":"/abc123/"}}</script>'
)

Rewrite = Callable[..., str]


@pytest.fixture
def rewrite(below_prefix: RewriteContext) -> Rewrite:
    def run(
        text: str,
        *,
        kind: str = "xhtml",
        loader: Loader | None = None,
        path: str = "/a/b",
        strip: bool = False,
        report: Report | None = None,
    ) -> str:
        def rewriter(report: Report | None = None) -> XmlRewriter:
            return XmlRewriter(Document(below_prefix, path, strip=strip, loader=loader, report=report), kind)

        whole, pieces, again = rewriter(report), rewriter(), rewriter()
        out = whole.feed(text) + whole.close()
        assert "".join(map(pieces.feed, text)) + pieces.close() == out
        assert pieces.pending == ""
        assert again.feed(out) + again.close() == out
        return out

    return run


@pytest.fixture
def check(rewrite: Rewrite) -> Callable[..., None]:
    """Where `^` stands, and nowhere else, the prefix is put in."""

    def run(text: str, **options: object) -> None:
        assert rewrite(text.replace("^", ""), **options) == text.replace("^", "/abc123")

    return run


@pytest.fixture
def loader() -> Loader:
    return LOADER


@pytest.fixture
def runtime() -> str:
    return RUNTIME


@pytest.fixture
def import_map() -> str:
    return IMPORT_MAP
