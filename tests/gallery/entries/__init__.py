"""One module for each app, with its ENTRY."""
