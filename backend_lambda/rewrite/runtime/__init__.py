"""The browser runtime (layers L2-L5): its sources, joined into one classic script that pages and workers load first."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files

# For backends that take neither WebSockets nor large uploads at their front door (RewriteContext.socket_url).
BRIDGES = ("socket_bridge", "upload_bridge", "upload_xhr", "upload_forms")

# Later files use what earlier ones define; `start` runs it all.
FILES = (
    "core", "urls", "hooks",
    "history", "navigation", "forms", "messages", "context",
    "network", "sockets", "workers", "service_worker",
    "css", "attributes", "elements", "markup", "frames", "identity",
    "cookies", "storage", "databases",
    "start",
)  # fmt: skip

_LINE_BREAKS = re.compile(r"[ \t]*\n\s*")
# Not around `!`: `< !--` would become a comment. Not around `+` and `-`, which make new tokens with their like.
_NEEDLESS_BLANKS = re.compile(r"[ \t]+(?=[][{}(),;:?=<>&|*])|(?<=[][{}(),;:?=<>&|*])[ \t]+")


@cache
def runtime_script(sockets: bool = False) -> bytes:
    """The script for pages, without its comments; its configuration is in the attribute `data-hw` of its tag.

    sockets: with what brings WebSockets to another API, and large uploads to the store
    """
    folder = files(__name__)
    names = (*FILES[:-1], *(BRIDGES if sockets else ()), FILES[-1])
    sources = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in names]
    return ('(() => {\n"use strict";\n' + "".join(map(_compact, sources)) + "})();\n").encode()


@cache
def runtime_hash(sockets: bool = False) -> str:
    """16 hexadecimal digits that change with the script."""
    return hashlib.sha256(runtime_script(sockets)).hexdigest()[:16]


def runtime_name(sockets: bool = False) -> str:
    """The name of the file for pages."""
    return f"rt-{runtime_hash(sockets)}.js"


def worker_name() -> str:
    """The name of the file for workers, which holds their configuration as well."""
    return f"worker-{runtime_hash()}.js"


def worker_script(config_json: str, sockets: bool = False) -> bytes:
    """The script for workers, classic or module.

    config_json: the same JSON object that pages have in `data-hw`
    """
    return f"self.__hw_config={config_json};\n".encode() + runtime_script(sockets)


def _compact(source: str) -> str:
    """The same tokens in the same lines, without comments and needless blanks."""
    # Compiling its grammar takes longer than all else at the start of a process; see `warm_up`.
    from backend_lambda.rewrite.javascript.lexer import WORDS, Lexer

    out: list[str] = []
    code = ""
    at = 0
    for token in Lexer(source, is_module=True).tokens():
        if token.kind in WORDS:
            continue
        code += source[at : token.start]
        at = token.end
        if token.kind != "comment":
            out += (_squeeze(code), source[token.start : at])
            code = ""
    out.append(_squeeze(code + source[at:]))
    return "".join(out)


def _squeeze(code: str) -> str:
    return _NEEDLESS_BLANKS.sub("", _LINE_BREAKS.sub("\n", code))
