"""Files of a home for this test whose settings name a free relay port; a workspace on them, and a service."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import keyring
import pytest

from app.engine.paths import Paths, user_paths
from app.engine.workspace import open_workspace
from tests.app.engine.live import Listener, Open, Opened, Service
from tests.app.engine.memory_keyring import MemoryKeyring
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


@pytest.fixture
def open_(paths: Paths) -> Open:
    """Opens the workspace as the window does, or another one beside it."""

    @contextlib.asynccontextmanager
    async def opening(*, remember: bool = True) -> AsyncIterator[Opened]:
        heard = Listener()
        async with open_workspace(paths, remember=remember, listener=heard) as workspace:
            yield Opened(workspace, heard)

    return opening


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    ring = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr(keyring, "get_password", ring.get_password)
    monkeypatch.setattr(keyring, "set_password", ring.set_password)
    monkeypatch.setattr(keyring, "delete_password", ring.delete_password)
    return ring
