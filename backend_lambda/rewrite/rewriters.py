"""From the kind of a body to its rewriter."""

from __future__ import annotations

from backend_lambda.rewrite.body import TextRewriter, WholeText
from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.rewriter import HtmlRewriter
from backend_lambda.rewrite.javascript.worker import WorkerRewriter
from backend_lambda.rewrite.kinds import Kind
from backend_lambda.rewrite.loading import own_path
from backend_lambda.rewrite.manifest import rewrite_manifest
from backend_lambda.rewrite.playlist import rewrite_playlist
from backend_lambda.rewrite.runtime import worker_name
from backend_lambda.rewrite.xml import XmlRewriter

PAGES: frozenset[Kind | None] = frozenset({"html", "xhtml"})
"""What is shown as a document of its own and gets the runtime."""


def rewriter_for(kind: Kind, document: Document) -> TextRewriter:
    """A new rewriter for one body."""
    match kind:
        case "css":
            return CssRewriter(document)
        case "manifest":
            return WholeText(lambda text: rewrite_manifest(text, document), document)
        case "playlist":
            return WholeText(lambda text: rewrite_playlist(text, document), document)
        case "worker":
            return WorkerRewriter(document, own_path(document.context.prefix, worker_name()))
        case "xhtml" | "svg" | "xml":
            return XmlRewriter(document, kind)
        case _:
            return HtmlRewriter(document)
