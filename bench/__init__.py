"""Benchmarks: ratios measured in one run on this machine, never tests. `python -m bench` runs them all."""
