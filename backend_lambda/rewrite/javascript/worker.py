"""The script of a worker: it gets the runtime that no page loads for it, and what it imports moves below the prefix.

Nothing else of it changes (J7): string literals are compared, shown and sent, and only the runtime sees which are URLs.
"""

from __future__ import annotations

import re

from backend_lambda.rewrite.body import WholeText
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.javascript.imports import find_imports
from backend_lambda.rewrite.javascript.prologue import place_of_prologue, prologue_for
from backend_lambda.rewrite.string_literals import map_literal

LONGEST_SCRIPT = 4 * 1024 * 1024  # characters; behind them, specifiers stay
_ABSOLUTE = re.compile(r"[\x00-\x20]*+[A-Za-z][A-Za-z0-9+.\-]*+:")


class WorkerRewriter(WholeText):
    """Of what is fetched for a worker, shared worker or service worker: the script itself, or a module it imports.

    prologue: path of the runtime's script for workers, e.g. `/shop/__hw/worker-0123456789abcdef.js`; None for worklets
    """

    def __init__(self, document: Document, prologue: str | None) -> None:
        def transform(text: str) -> str:
            return rewrite_worker(text, document, prologue)

        super().__init__(transform, document, limit=LONGEST_SCRIPT, transform_beginning=transform)


def rewrite_worker(text: str, document: Document, prologue: str | None) -> str:
    """The script, or its beginning, as the worker is to run it."""
    imports = find_imports(text)
    out: list[str] = []
    copied = 0
    at = None if prologue is None else place_of_prologue(text, is_module=imports.is_module)
    if prologue is not None and at is not None:
        statement = prologue_for(prologue, is_module=imports.is_module)
        if not text.startswith(statement, at):
            out += (text[:at], statement)
            copied = at
            document.report.count("runtime")
    for start, end in imports.specifiers:
        raw = text[start:end]
        mapped = map_literal(raw, lambda specifier: _map_specifier(specifier, document))
        if mapped != raw:
            out += (text[copied:start], mapped)
            copied = end
            document.report.count("specifier")
    out.append(text[copied:])
    return "".join(out)


def _map_specifier(specifier: str, document: Document) -> str:
    """Bare names such as `react` are no URLs (HTML, "resolve a module specifier")."""
    is_url = specifier.startswith(("/", "./", "../")) or _ABSOLUTE.match(specifier)
    return document.map(specifier) if is_url else specifier
