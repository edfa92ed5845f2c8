"""Fails every test during which a record of level WARNING or higher is logged that the test did not expect.

A test expects one with `@pytest.mark.expect_log("part of the message, a regular expression")`, which also demands
that it appears, or with `with caplog.at_level(logging.WARNING):` around the code that logs at exactly that level.
The idea is from qutebrowser's test suite.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator

import pytest
from _pytest.logging import LogCaptureHandler

_handler_key = pytest.StashKey["_Watch"]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    watch = _Watch([str(mark.args[0]) for mark in item.iter_markers("expect_log")])
    item.stash[_handler_key] = watch
    root = logging.getLogger()
    root.addHandler(watch)
    try:
        return (yield)
    finally:
        root.removeHandler(watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    watch = item.stash[_handler_key]
    try:
        result = yield
    except BaseException:
        watch.stop()  # the test failed or was skipped: one verdict is enough, pytest shows the log anyway
        raise
    watch.fail_on_unexpected()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    watch = item.stash[_handler_key]
    watch.fail_on_unexpected()
    watch.fail_on_absent()
    return result


class _Watch(logging.Handler):
    """Keeps the records that nobody announced and crosses off those that somebody did."""

    def __init__(self, patterns: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._patterns = patterns
        self._absent = list(patterns)
        self._unexpected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        matching = [pattern for pattern in self._patterns if re.search(pattern, message)]
        if matching:
            self._absent = [pattern for pattern in self._absent if pattern not in matching]
        elif not _announced_by_caplog(record):
            self._unexpected.append(f"{record.levelname} {record.name}: {logging.Formatter().format(record)}")

    def stop(self) -> None:
        logging.getLogger().removeHandler(self)
        self._unexpected, self._absent = [], []

    def fail_on_unexpected(self) -> None:
        if self._unexpected:
            messages, self._unexpected = "\n".join(self._unexpected), []
            pytest.fail(f"logged unexpectedly:\n{messages}", pytrace=False)

    def fail_on_absent(self) -> None:
        if self._absent:
            pytest.fail(f"expected to be logged, but was not: {self._absent}", pytrace=False)


def _announced_by_caplog(record: logging.LogRecord) -> bool:
    handlers = logging.getLogger().handlers
    return any(isinstance(handler, LogCaptureHandler) and handler.level == record.levelno for handler in handlers)
