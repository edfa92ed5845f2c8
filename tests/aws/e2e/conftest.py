"""The relay of tests/e2e is the cloud here; agent, tunnel and service are the same fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.backend import TOKEN, CloudRelay
from tests.aws.emulator.cloud import Cloud
from tests.aws.threaded import cloud_in_threads
from tests.e2e.conftest import agent, service, tunnel  # noqa: F401 - fixtures
from tests.e2e.tunnels import Relay


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """One for all tests of a module, which also shows that none of them harms it."""
    with cloud_in_threads() as cloud:
        yield cloud


@pytest.fixture
def relay(cloud: Cloud) -> Relay:
    """Its visitors come by the HTTP API, byte for byte as they would to the relay."""
    port = int(cloud.http_url.rpartition(":")[2])
    return CloudRelay(port, cloud.http_url, token=TOKEN, socket_url=cloud.ws_url)
