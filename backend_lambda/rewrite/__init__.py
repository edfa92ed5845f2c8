"""Rewriting of what passes between a visitor and an unmodified app below a path prefix (or on a host of its own)."""
