"""The exit codes of every command, in one place; `docs/cli.md` explains them."""

from __future__ import annotations

OK = 0  # done; also ended by Ctrl+C or SIGTERM
FAILED = 1  # something unexpected, or no window can be shown
USAGE = 2  # the arguments make no sense (argparse uses the same)
REFUSED = 3  # could not begin: name taken, wrong token, port in use, relay cannot be started
NOT_FOUND = 4  # no such exchange
NO_ANSWER = 5  # the replayed request got no complete answer

OF_PROBLEM = {
    "bad_upstream": USAGE,
    "bad_name": USAGE,
    "bad_address": USAGE,
    "bad_token_file": USAGE,
    "bad_relay_url": USAGE,
    "bad_public_url": USAGE,
    "token_needed": USAGE,
    "bad_token": REFUSED,
    "name_taken": REFUSED,
    "name_in_use": REFUSED,
    "unsupported_version": REFUSED,
    "port_in_use": REFUSED,
    "child_failed": REFUSED,
    "unknown_exchange": NOT_FOUND,
}
