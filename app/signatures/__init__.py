"""Signatures of webhooks: recognised, checked, made anew with the current time. No I/O; secrets come from outside."""
