"""The browser runtime (layers L2-L5): its sources, joined into one classic script that pages and workers load first."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files

# Later files use what earlier ones define; `start` runs it all.
FILES = (
    "core", "urls", "hooks",
    "history", "navigation", "forms", "messages", "context",
    "network", "sockets", "workers", "service_worker",
    "css", "attributes", "elements", "markup", "frames", "identity",
    "cookies", "storage", "databases",
    "start",
)  # fmt: skip

# What the sources keep to, so that lines suffice (tests/backend_lambda/rewrite/runtime/test_build.py): strings and
# templates end in their line, and a comment block has its lines for itself.
_BLOCK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_TRAILING = re.compile(r"[ \t]+//[ \t][^\"'`/\n]*$", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+|^\n", re.MULTILINE)


@cache
def runtime_script() -> bytes:
    """The script for pages, without its comments; its configuration is in the attribute `data-hw` of its tag."""
    folder = files(__name__)
    sources = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in FILES]
    return ('(() => {\n"use strict";\n' + "".join(map(_strip, sources)) + "})();\n").encode()


@cache
def runtime_hash() -> str:
    """16 hexadecimal digits that change with the script."""
    return hashlib.sha256(runtime_script()).hexdigest()[:16]


def runtime_name() -> str:
    """The name of the file for pages."""
    return f"rt-{runtime_hash()}.js"


def worker_name() -> str:
    """The name of the file for workers, which holds their configuration as well."""
    return f"worker-{runtime_hash()}.js"


def worker_script(config_json: str) -> bytes:
    """The script for workers, classic or module.

    config_json: the same JSON object that pages have in `data-hw`
    """
    return f"self.__hw_config={config_json};\n".encode() + runtime_script()


def _strip(source: str) -> str:
    for pattern in (_BLOCK, _LINE, _TRAILING, _MARGIN):
        source = pattern.sub("", source)
    return source
