"""The inspector: the list of requests, the detail of one, and replay."""
