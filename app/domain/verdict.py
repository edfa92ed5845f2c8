"""What a replay says about the original: is it fixed?"""

from __future__ import annotations

import enum


class Verdict(enum.Enum):
    """How the answer of a replay compares with the original's; the value is stored, printed and typed into filters."""

    SAME = "same"
    CHANGED = "changed"  # neither of the two is a failure, and they differ
    FIXED = "fixed"  # the original failed, the replay does not
    STILL_FAILING = "still-failing"
    REGRESSED = "regressed"  # the original was fine, the replay fails
