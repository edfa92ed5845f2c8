"""Backends in the window: the wizard that makes one, the list of them, and what tells of a running deployment."""
