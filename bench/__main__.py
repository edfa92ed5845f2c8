"""`python -m bench [NAME …]`: runs benchmarks; JSON lines on stdout, progress and the table on stderr."""

from __future__ import annotations

import argparse
import importlib
import sys

from bench.report import print_json, print_table, say

NAMES = ("tunnel", "bodies", "startup", "window", "rewriting", "history", "inspector")
EXTRA = ("hot_spots", "inspector_bodies", "slow_disk", "function", "aws_load")


def main() -> int:
    """Exit code 1 if a budget is missed, so that a script can ask; nothing in the tests does."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join((*NAMES, *EXTRA))}; default: {', '.join(NAMES)}"
    )
    parser.add_argument("--rounds", type=int, default=3, help="each figure is the median of so many (3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of load in each measurement (3)")
    options = parser.parse_args()
    names = options.names or NAMES
    if unknown := set(names) - {*NAMES, *EXTRA}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    results = []
    for name in names:
        say(f"== {name}")
        found = importlib.import_module(f"bench.{name}").run(options.rounds, options.seconds)
        print_json(found)
        results += found
    print_table(results)
    return 1 if any(each.met is False for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
