from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_in_the_docs_says_what_the_tests_hold() -> None:
    script = ROOT / "scripts" / "conformance-table"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr
    assert "no test yet" not in (ROOT / "docs" / "rewriting.md").read_text(encoding="utf-8")
