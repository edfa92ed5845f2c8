from __future__ import annotations

import pytest

from app.backends.aws_problems import Situation
from app.backends.terraform_events import parse_line
from app.backends.terraform_problems import problem_of
from app.domain.deployment import Step
from app.domain.problems import Problem
from tests.app.backends import lines

HERE = Situation("work", "eu-nowhere-9", "hatchway")


def why(line: str, step: Step = "plan") -> Problem:
    event = parse_line(line)
    assert event is not None
    assert event.diagnostic is not None
    return problem_of([event.diagnostic], "", step, HERE)


@pytest.mark.parametrize(
    ("line", "code", "side", "words"),
    [
        (lines.NO_CREDENTIALS, "aws_no_credentials", "you", "aws sso login --profile work"),
        (lines.EXPIRED, "aws_expired", "you", "aws sso login --profile work"),
        (lines.UNREACHABLE, "aws_unreachable", "network", "proxy"),
        (lines.NO_REGION, "aws_unknown_region", "you", "eu-nowhere-9"),
        (lines.BAD_NAME, "bad_deploy_option", "you", "Name needs 3 to 24 lower-case letters"),
        (lines.LOCKED, "deployment_locked", "you", "Wait"),
        (lines.TABLE_TAKEN, "deployment_name_taken", "you", "backends discover"),
        (lines.ROLE_TAKEN, "deployment_name_taken", "you", "another --name"),
        (lines.FORBIDDEN, "aws_no_permission", "AWS", "iam:CreateRole"),
        (lines.FORBIDDEN_WITHOUT_WORDS, "aws_no_permission", "AWS", "cloudwatchlogs:CreateLogGroup"),
        (lines.QUOTA, "aws_quota", "AWS", "more buckets than allowed"),
        (lines.NOT_EMPTY, "bucket_not_empty", "AWS", "Stop the tunnels"),
        (lines.PROTECTED, "table_protected", "you", "Deletion protection"),
        (lines.STALE, "plan_stale", "you", "Plan again"),
        (lines.HALTED, "deploy_stopped", "you", "goes on from there"),
        (lines.UNHEARD_OF, "deploy_failed", "AWS", "InternalWhim"),
    ],
)
def test_each_failure_is_explained(line: str, code: str, side: str, words: str) -> None:
    problem = why(line)
    assert (problem.code, problem.side) == (code, side)
    assert words in str(problem)


@pytest.mark.parametrize(
    ("said", "code", "side"),
    [
        (lines.NO_REGISTRY, "provider_download", "network"),
        (lines.TOO_OLD, "terraform_old", "you"),
        ("Error: write /x/.terraform/providers: no space left on device", "disk_full", "you"),
        ("panic: runtime error\nsomething", "deploy_failed", "AWS"),
        ("", "deploy_failed", "AWS"),
    ],
)
def test_what_is_said_without_json_counts_as_well(said: str, code: str, side: str) -> None:
    problem = problem_of([], said, "prepare", HERE)
    assert (problem.code, problem.side) == (code, side)
    assert problem.title


def test_the_first_error_that_is_understood_explains_them_all() -> None:
    diagnostics = [
        event.diagnostic
        for each in (lines.UNHEARD_OF, lines.FORBIDDEN, lines.HALTED)
        if (event := parse_line(each)) is not None and event.diagnostic is not None
    ]
    assert problem_of(diagnostics, "", "apply", HERE).code == "aws_no_permission"


@pytest.mark.parametrize("step", ["apply", "destroy"])
def test_half_way_it_says_that_it_can_go_on(step: Step) -> None:
    assert why(lines.QUOTA, step).hint.endswith("What was made is kept: run it again, and it goes on from there.")
    assert "What was made" not in why(lines.QUOTA, "plan").hint
    assert why(lines.HALTED, step).hint.count("What was made") == 1
