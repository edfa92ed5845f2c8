"""The tunnel agent: keeps connections to the backend, calls the upstream, publishes every step. Qt-free."""
