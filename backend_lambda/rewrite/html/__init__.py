"""HTML: references, the runtime and import maps move in; every other byte is copied (H1-H30)."""
