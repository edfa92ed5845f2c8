"""The browser runtime as it is delivered: one small script, made of every source file, that parses."""

from __future__ import annotations

import gzip
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from backend_lambda.protocol.limits import MAX_EVENT_BODY
from backend_lambda.rewrite import runtime
from tests.apps.node import node

FOLDER = Path(str(files(runtime)))
CONFIG = '{"tunnel":"shop","prefix":"/shop","public":"https://t.example"}'

# Node's own parser tells whether two scripts consist of the same tokens; comments and white space are none.
_SAME_TOKENS = """
const { readFileSync } = require("node:fs");
const { tokenizer } = require("internal/deps/acorn/acorn/dist/acorn");
const tokens = (path) => Array.from(tokenizer(readFileSync(path, "utf-8"), { ecmaVersion: "latest" }),
  ({ type, value }) => JSON.stringify([type.label, value?.pattern ?? value, value?.flags]));
const [left, right] = process.argv.slice(-2).map(tokens);
const at = left.findIndex((token, index) => token !== right[index]);
process.exitCode = at < 0 && left.length === right.length ? 0 : 1;
if (process.exitCode) console.error("differ at", at, left.slice(at, at + 9), right.slice(at, at + 9));
"""


def run_node(*arguments: str | Path) -> None:
    done = subprocess.run([node(), *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_each_source_is_joined_once() -> None:
    joined = [*runtime.FILES, *runtime.BRIDGES]
    assert sorted(joined) == sorted(path.stem for path in FOLDER.glob("*.js"))


def test_what_pages_bring_to_the_store_is_what_an_event_does_not_carry() -> None:
    source = runtime.runtime_script(sockets=True).decode()
    assert f"MOST_UPLOAD={MAX_EVENT_BODY:_}" in source


def test_the_script_is_small() -> None:
    assert len(gzip.compress(runtime.runtime_script(), 9)) < 20_000
    assert len(gzip.compress(runtime.runtime_script(sockets=True), 9)) < 25_000


def test_only_backends_whose_sockets_go_elsewhere_deliver_the_bridge() -> None:
    assert b"MessageChannel" not in runtime.runtime_script()
    assert b"MessageChannel" in runtime.runtime_script(sockets=True)
    assert runtime.runtime_name() != runtime.runtime_name(sockets=True)


@pytest.mark.parametrize("name", [pytest.param("script.cjs", id="classic"), pytest.param("script.mjs", id="module")])
@pytest.mark.parametrize("script", [pytest.param(False, id="page"), pytest.param(True, id="worker")])
def test_scripts_parse(name: str, script: bool, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(runtime.worker_script(CONFIG, sockets=True) if script else runtime.runtime_script())
    run_node("--check", path)


def test_nothing_but_comments_is_removed(tmp_path: Path) -> None:
    names = [*runtime.FILES[:-1], *runtime.BRIDGES, runtime.FILES[-1]]
    source = "".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
    plain, delivered = tmp_path / "plain.js", tmp_path / "delivered.js"
    plain.write_text(f'(() => {{"use strict";\n{source}}})();\n', encoding="utf-8")
    delivered.write_bytes(runtime.runtime_script(sockets=True))
    run_node("--expose-internals", "-e", _SAME_TOKENS, plain, delivered)
    assert delivered.stat().st_size < 0.95 * plain.stat().st_size


def test_names_change_with_the_script() -> None:
    digits = runtime.runtime_hash()
    assert re.fullmatch("[0-9a-f]{16}", digits)
    assert runtime.runtime_name() == f"rt-{digits}.js"
    assert runtime.worker_name() == f"worker-{digits}.js"


def test_workers_are_told_their_configuration() -> None:
    assert runtime.worker_script(CONFIG) == b"self.__hw_config=" + CONFIG.encode() + b";\n" + runtime.runtime_script()
