"""Files of a home for this test whose settings name a free relay port."""

from __future__ import annotations

import pytest

from app.engine.paths import Paths, user_paths
from tests.e2e_cli.processes import free_port


@pytest.fixture
def port() -> int:
    """Free, and so is the one above it, which the demo service takes."""
    return free_port()


@pytest.fixture
def paths(port: int) -> Paths:
    paths = user_paths()
    paths.settings_file.write_text(f"relay_port = {port}\n")
    return paths
