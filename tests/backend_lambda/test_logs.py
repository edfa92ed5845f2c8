"""What the backend writes to its log: identifiers, codes and sizes, nothing that somebody could use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import backend_lambda

ROOT = Path(backend_lambda.__file__).parent
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# What variables with secrets, or with what only visitor and service may see, are called.
SECRET = {
    "token", "authorization", "secret", "key", "password", "credentials", "ticket", "cookie", "cookies", "headers",
    "url", "target", "query", "path", "body", "data", "text", "wire", "event", "request", "response", "message",
    "fields", "item", "row", "principal", "owner", "claims", "signature",
}  # fmt: skip


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text("utf-8")
        if "_log" in source or "print(" in source or "stdout" in source or "stderr" in source:
            for node in ast.walk(ast.parse(source)):
                yield path.name, node


def test_no_log_call_names_a_secret_and_nothing_is_printed() -> None:
    calls, secrets, printing = 0, [], set()
    for name, node in nodes():
        # Lambda would take what is printed for a log line. Metrics are meant to be one, and their values are numbers.
        if (isinstance(node, ast.Name) and node.id == "print") or _attribute(node) in ("stdout", "stderr"):
            printing.add(name)
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and _attribute(function) in LEVELS and _is_log(function):
            calls += 1
            secrets += [(name, node.lineno, word) for word in sorted(_words(node) & SECRET)]
    assert calls >= 8
    assert secrets == []
    assert printing <= {"metrics.py", "log_lines.py"}


def _is_log(function: ast.AST | None) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "_log"


def _attribute(node: ast.AST | None) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else None


def _words(call: ast.Call) -> set[str]:
    """The names of variables and attributes that the arguments are made of."""
    return {
        (node.id if isinstance(node, ast.Name) else node.attr).lstrip("_")
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in ast.walk(argument)
        if isinstance(node, ast.Name | ast.Attribute)
    }
