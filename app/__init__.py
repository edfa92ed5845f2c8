"""The Hatchway desktop application, agent, relay and command line."""

__version__ = "0.1.0"
