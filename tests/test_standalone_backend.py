"""What is deployed to Lambda needs nothing that is not there: the standard library, and boto3 in the adapters."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import backend_lambda

_package = Path(backend_lambda.__file__).parent
_modules = sorted(_package.rglob("*.py"))


@pytest.mark.parametrize("module", _modules, ids=[str(path.relative_to(_package)) for path in _modules])
def test_imports_only_what_lambda_has(module: Path) -> None:
    allowed = sys.stdlib_module_names | {"backend_lambda"}
    if module.is_relative_to(_package / "adapters"):
        allowed |= {"boto3", "botocore"}
    assert _imported(ast.parse(module.read_text("utf-8"))) <= allowed


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names
