"""Unexpected warnings fail a test, announced ones do not."""

from __future__ import annotations

import logging

import pytest

_warns = "logging.getLogger('app.x').warning('disk is %s', 'full')"


@pytest.fixture(autouse=True)
def outer_watch_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner pytest runs in this process; its records are not to fail the outer test."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


def _run(pytester: pytest.Pytester, body: str, *, mark: str = "") -> pytest.RunResult:
    pytester.makeini("[pytest]\nmarkers = expect_log: x\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(f"import logging, pytest\n{mark}\ndef test_it(caplog):\n    {body}\n")
    return pytester.runpytest_inprocess("-p", "tests.helpers.logfail")


def test_an_unexpected_warning_fails_the_test(pytester: pytest.Pytester) -> None:
    result = _run(pytester, _warns)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*logged unexpectedly:*", "*WARNING app.x: disk is full*"])


def test_info_does_not_fail_a_test(pytester: pytest.Pytester) -> None:
    _run(pytester, "logging.getLogger('app.x').info('fine')").assert_outcomes(passed=1)


def test_a_marked_warning_is_expected(pytester: pytest.Pytester) -> None:
    _run(pytester, _warns, mark="@pytest.mark.expect_log('disk is')").assert_outcomes(passed=1)


def test_another_warning_than_the_marked_one_fails(pytester: pytest.Pytester) -> None:
    mark = "@pytest.mark.expect_log('network')"
    _run(pytester, f"logging.error('network down'); {_warns}", mark=mark).assert_outcomes(failed=1)


def test_a_marked_warning_that_never_comes_is_an_error(pytester: pytest.Pytester) -> None:
    result = _run(pytester, "pass", mark="@pytest.mark.expect_log('disk is')")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*expected to be logged, but was not*disk is*"])


@pytest.mark.parametrize(("level", "outcome"), [("WARNING", "passed"), ("INFO", "failed")])
def test_caplog_announces_records_of_its_own_level_only(pytester: pytest.Pytester, level: str, outcome: str) -> None:
    result = _run(pytester, f"with caplog.at_level(logging.{level}): {_warns}")
    result.assert_outcomes(**{outcome: 1})


def test_a_failing_test_is_reported_once(pytester: pytest.Pytester) -> None:
    _run(pytester, f"{_warns}; assert False").assert_outcomes(failed=1)
