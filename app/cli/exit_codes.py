"""The exit codes of every command, in one place; `docs/cli.md` explains them."""

from __future__ import annotations

from app.domain.problems import Problem

OK = 0  # done; also ended by Ctrl+C or SIGTERM
FAILED = 1  # something unexpected, or no window can be shown
USAGE = 2  # the arguments make no sense (argparse uses the same)
REFUSED = 3  # could not begin: name taken, wrong token, port in use, relay cannot be started
NOT_FOUND = 4  # no such exchange
NO_ANSWER = 5  # the request could not be replayed, or its replay got no complete answer; a page did not come
FOUND = 6  # the doctor found something
NOT_AS_EXPECTED = 7  # the answer to a replay is not what --expect says

OF_PROBLEM = {
    "bad_upstream": USAGE,
    "target_needed": USAGE,
    "bad_expectation": USAGE,
    "not_har": USAGE,
    "file_not_read": REFUSED,
    "file_not_written": REFUSED,
    "bad_name": USAGE,
    "bad_address": USAGE,
    "bad_token_file": USAGE,
    "bad_relay_url": USAGE,
    "bad_public_url": USAGE,
    "token_needed": USAGE,
    "bad_mode": USAGE,
    "bad_deploy_option": USAGE,
    "bad_token_name": USAGE,
    "ambiguous_deployment": USAGE,
    "needs_yes": USAGE,
    "bad_backend_name": USAGE,
    "bad_token": REFUSED,
    "name_taken": REFUSED,
    "name_in_use": REFUSED,
    "unsupported_version": REFUSED,
    "port_in_use": REFUSED,
    "child_failed": REFUSED,
    "superseded": REFUSED,
    "no_browser": REFUSED,
    "browser_failed": REFUSED,
    "not_online": REFUSED,
    "not_confirmed": REFUSED,
    "terraform_missing": REFUSED,
    "terraform_old": REFUSED,
    "aws_no_credentials": REFUSED,
    "aws_expired": REFUSED,
    "aws_bad_configuration": REFUSED,
    "aws_bad_credentials": REFUSED,
    "aws_no_permission": REFUSED,
    "aws_no_region": REFUSED,
    "aws_unknown_region": REFUSED,
    "aws_unknown_profile": REFUSED,
    "aws_other_account": REFUSED,
    "deployment_name_taken": REFUSED,
    "deployment_locked": REFUSED,
    "deployment_not_managed": REFUSED,
    "deployment_incomplete": REFUSED,
    "no_deployment": REFUSED,
    "no_token": REFUSED,
    "unknown_backend": REFUSED,
    "backend_in_use": REFUSED,
    "backend_name_in_use": REFUSED,
    "no_backend_token": REFUSED,
    "keyring_closed": REFUSED,
    "unknown_exchange": NOT_FOUND,
    "not_replayable": NO_ANSWER,
    "body_not_kept": NO_ANSWER,
    "body_incomplete": NO_ANSWER,
    "bad_request_edit": NO_ANSWER,
    "page_failed": NO_ANSWER,
}


def of(problem: Problem) -> int:
    """The exit code of a command that ends with this problem."""
    return OF_PROBLEM.get(problem.code, FAILED)
