"""`docs/cli.md` knows every command, option, exit code, problem code, event and field there is."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest

from app.cli import exit_codes
from app.cli.exchange_lines import online_event, outcome_fields, request_fields, rewriting_fields
from app.cli.list import _fields
from app.cli.output import problem_fields
from app.cli.parser import build_parser
from app.domain.exchange import Exchange, ExchangeState, Rewriting
from app.domain.problems import Problem
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream
from app.engine.running import RunningTunnel
from backend_lambda.protocol.messages import Mode

_root = Path(__file__).resolve().parents[3]
_page = (_root / "docs" / "cli.md").read_text(encoding="utf-8")


def _commands() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    choices = next(action.choices for action in actions if isinstance(action, argparse._SubParsersAction))
    assert choices
    return dict(choices)


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parser, or those of its actions (`deploy token create`)."""
    inner = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [leaf for choices in inner for each in (choices or {}).values() for leaf in _leaves(each)] or [parser]


def _section(command: str) -> str:
    found = re.search(rf"^## `hatchway {command}\b.*?(?=^## )", _page, re.MULTILINE | re.DOTALL)
    assert found, f"no section about {command}"
    return found[0]


@pytest.mark.parametrize("name", _commands())
def test_every_option_is_in_the_section_of_its_command(name: str) -> None:
    section = _section(name)
    command = _commands()[name]
    leaves = _leaves(command)
    actions = [action for leaf in leaves for action in leaf._actions]
    for leaf in leaves:
        if leaf is not command:
            _, _, words = leaf.prog.partition(f" {name} ")
            row = " ".join([words, *(str(each.metavar) for each in leaf._actions if not each.option_strings)])
            assert f"| `{row}` |" in section
    for action in actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert f"`{option}" in section if len(option) == 2 else f"| `{option}" in section, option
        if action.option_strings and isinstance(action.metavar, str):
            assert f"{action.option_strings[0]} {action.metavar}`" in section
        if not action.option_strings and leaves == [command]:
            assert f"`hatchway {name} {action.metavar}`" in section
    options = {option for action in actions for option in action.option_strings}
    assert set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE)) <= options, "documented, but not there"


_NEEDED = {name: ["x"] for name in ("http", "replay", "doctor", "show", "import")} | {"har": ["--output", "x"]}


def test_the_defaults_are_the_documented_ones() -> None:
    commands = {name: parser for name, parser in _commands().items() if name not in ("deploy", "backends")}
    defaults = {name: vars(parser.parse_args(_NEEDED.get(name, []))) for name, parser in commands.items()}
    assert defaults["relay"]["listen"] == "127.0.0.1:4780"
    assert defaults["relay"]["deadline"] == 120
    assert defaults["list"]["limit"] == 20
    assert (defaults["doctor"]["wait"], defaults["doctor"]["follow"], defaults["doctor"]["mode"]) == (3, 0, None)
    spec = TunnelSpec("x", Upstream("http", "localhost", 1))
    for option in ("host_header", "mode", "forwarded", "rewrite_oauth"):
        assert defaults["http"][option] == getattr(spec, option), option
    section = _section("http")
    for option, default in (("host-header", "upstream"), ("mode", "auto"), ("forwarded", "localhost")):
        assert re.search(rf"^\| `--{option} [^`]*` \|.*\| `{default}` \|$", section, re.MULTILINE), option
    assert spec.response_timeout == 60


def test_every_exit_code_with_its_problems() -> None:
    rows = dict(re.findall(r"^\| (\d) \|(.*)$", _page, re.MULTILINE))
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in rows} == codes == set(range(8))
    for problem, code in exit_codes.OF_PROBLEM.items():
        assert f"`{problem}`" in rows[str(code)], problem
    assert all(str(code) in build_parser().format_help().partition("exit codes:")[2] for code in codes)


def test_every_event_and_field() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in (_root / "app" / "cli").glob("*.py"))
    events = set(re.findall(r'"event": "([a-z.]+)"', sources))
    assert {"tunnel.online", "request.started", "request.finished", "error"} <= events
    for event in events:
        assert re.search(rf"^### .*`{re.escape(event)}`", _page, re.MULTILINE), event
    urls = TunnelUrls("http://127.0.0.1/x/", "http://x.localhost/")
    spec = TunnelSpec("x", Upstream("http", "localhost", 1))
    exchange = Exchange("x", "id", "GET", "/", "http://localhost")
    fields = (
        online_event(TunnelStatus(spec, TunnelState.ONLINE, urls)).keys()
        | request_fields(exchange).keys()
        | outcome_fields(exchange).keys()
        | problem_fields(Problem("code", "title", "you")).keys()
        | rewriting_fields(Rewriting()).keys()
        | _fields(RunningTunnel("x", 1, "http://localhost", "online")).keys()
        | {"original_status", "retry_in", "count", "listen", "url"}
    )
    for name in fields:
        assert f"`{name}`" in _page, name


def test_every_word_a_field_can_hold() -> None:
    for word in (
        *(state.value for state in ExchangeState),
        *(state.value for state in TunnelState),
        *get_args(Mode),
        "computer",
        "network",
        "internet",
    ):
        assert f"`{word}`" in _page, word


def test_every_environment_variable() -> None:
    from app.doctor import chromium
    from app.engine.tokens import VARIABLE

    for name in ("HATCHWAY_HOME", VARIABLE, chromium.VARIABLE, "NO_COLOR"):
        assert f"| `{name}` |" in _page
