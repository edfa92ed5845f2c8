"""The two ways in which a token is not accepted: it is no good, or nobody can say whether it is."""

from __future__ import annotations


class BadToken(Exception):
    """The token proves nobody. The message says why, without any of its content; it is for the log only."""


class KeysUnavailable(Exception):
    """The keys to judge tokens by cannot be had now. The message says whose side that is and why; no key, no token."""
