"""The command `hatchway`: the window, or one of the headless commands."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Parse the command line and run it; returns the exit code."""
    try:
        if len(sys.argv) == 1:
            return _window()
        from app.cli.parser import build_parser, protect_negations

        options = build_parser().parse_args(protect_negations(sys.argv[1:]))
        if options.command is None:
            return _window()
        code: int = options.command(options)
        return code
    except KeyboardInterrupt:  # before, or where, the command has no handler of its own
        return 0


def _window() -> int:
    """Qt and everything else that only the window needs is imported here, so that commands start fast."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named):
        print(
            "hatchway: There is no display for a window. Without one: hatchway http TARGET (or: demo)", file=sys.stderr
        )
        return 1
    from app.engine.paths import user_paths
    from app.engine.workspace import open_workspace
    from app.ui.start import run_window

    return run_window(lambda: open_workspace(user_paths(), remember=True))


if __name__ == "__main__":
    sys.exit(main())
