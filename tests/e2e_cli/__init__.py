"""The real command `hatchway` as processes, with a real service behind it."""
