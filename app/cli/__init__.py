"""The command line: everything the window does, headless, with JSON output. `docs/cli.md` documents it."""
