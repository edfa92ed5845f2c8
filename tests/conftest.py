"""What holds for every test: no display, no user's files, no clouds, no proxies, no unexpected warnings."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytest_plugins = ["pytester", "tests.helpers.logfail"]

_root = Path(__file__).resolve().parent.parent

# Set here and not in a fixture: Qt, boto3 and httpx read them when they are imported, child processes inherit them.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.update(
    QT_API="pyside6",
    PYTEST_QT_API="pyside6",
    PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)
for _name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.lower(), None)

# A shell that starts the tests in the background, or nohup, has them ignore these signals, and every program that a
# test starts would inherit that: one that has to end on SIGINT would not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

hypothesis_settings.register_profile("default", deadline=None, max_examples=50)
hypothesis_settings.register_profile(
    "ci", deadline=None, max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "default")

_browser_arguments = [
    "--no-sandbox",  # it does not work as root, and the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, four at most: a third of the time is waiting for other programs."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Terraform first: it takes minutes, and at the end the other workers would stand idle meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/terraform/"))


@pytest.fixture(autouse=True)
def hatchway_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of data, settings and state during this test, instead of the user's."""
    home = tmp_path / "hatchway-home"
    monkeypatch.setenv("HATCHWAY_HOME", str(home))
    return home


@pytest.fixture(autouse=True, scope="session")
def xdg_runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without one Qt warns; with the user's own, tests would meet the sockets of a running Hatchway."""
    directory = tmp_path_factory.mktemp("runtime")
    directory.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(directory))
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium that Playwright can drive; the test is skipped, and the summary says so, where there is none."""
    found = subprocess.run([_root / "scripts" / "find-chromium"], capture_output=True, text=True)
    if found.returncode:
        pytest.skip("NO CHROMIUM: browser tests did not run; `make test` says how to get one")
    return found.stdout.strip()


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """A Chromium for one test (0.5 s): an object of Playwright's lives on one event loop, and each test has its own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=chromium_path, args=_browser_arguments)
        yield chromium
        await chromium.close()


@pytest.fixture
async def page(browser: Browser) -> Page:
    """An empty page in a fresh profile. Waits of at most 10 s instead of Playwright's 30."""
    context = await browser.new_context()
    context.set_default_timeout(10_000)
    return await context.new_page()
