"""From the kind of a body to its rewriter.

Rewriters that few tunnels need are loaded when one does: compiling their grammars would delay every start.
"""

from __future__ import annotations

from backend_lambda.rewrite.body import TextRewriter, WholeText
from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.rewriter import HtmlRewriter
from backend_lambda.rewrite.kinds import Kind
from backend_lambda.rewrite.loading import own_path
from backend_lambda.rewrite.manifest import rewrite_manifest
from backend_lambda.rewrite.playlist import rewrite_playlist
from backend_lambda.rewrite.runtime import runtime_script, worker_name

PAGES: frozenset[Kind | None] = frozenset({"html", "xhtml"})
"""What is shown as a document of its own and gets the runtime."""

SCRIPTS: frozenset[Kind | None] = frozenset({"worker", "worklet"})
"""What import maps do not reach."""


def rewriter_for(kind: Kind, document: Document) -> TextRewriter:
    """A new rewriter for one body."""
    match kind:
        case "css":
            return CssRewriter(document)
        case "manifest":
            return WholeText(lambda text: rewrite_manifest(text, document), document)
        case "playlist":
            return WholeText(lambda text: rewrite_playlist(text, document), document)
        case "worker" | "worklet":
            from backend_lambda.rewrite.javascript.worker import WorkerRewriter

            # A worklet has nothing of what the runtime maps, but it imports.
            prologue = own_path(document.context.prefix, worker_name()) if kind == "worker" else None
            return WorkerRewriter(document, prologue)
        case "xhtml" | "svg" | "xml":
            from backend_lambda.rewrite.xml import XmlRewriter

            return XmlRewriter(document, kind)
        case _:
            return HtmlRewriter(document)


def warm_up() -> None:
    """Load what the first page of a process would wait for; for processes that have the time."""
    import backend_lambda.rewrite.javascript.worker
    import backend_lambda.rewrite.xml  # noqa: F401 - that is the point

    runtime_script()
