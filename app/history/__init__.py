"""The recorded exchanges of this user: an SQLite file written by a thread of its own, never by the event loop."""
