"""Qt-free, I/O-free values of the application: tunnels, exchanges, problems, settings, events."""
