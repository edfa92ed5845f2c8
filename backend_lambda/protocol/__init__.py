"""The wire protocol between agent and backend, sans-I/O: messages, codec, limits, errors, session tables.

Standard library only. `docs/protocol.md` is the same thing in words.
"""
