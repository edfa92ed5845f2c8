"""Visitors, relay, agent and service on real sockets."""
