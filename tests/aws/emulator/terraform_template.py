"""Terraform's templatefile(), as far as mapping templates need it."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[3] / "infra" / "terraform" / "templates"


def template_file(path: Path, variables: dict[str, str]) -> str:
    """The file with `${name}` filled in and `$${` unescaped. Raises KeyError for an unknown name."""

    def value(match: re.Match[str]) -> str:
        return "${" if match[0] == "$${" else variables[match[1].strip()]

    return re.sub(r"\$\$\{|\$\{([^}]*)\}", value, path.read_text("utf-8"))
