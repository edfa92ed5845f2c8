from __future__ import annotations

import asyncio
import io

import pytest

from app.cli.asking import confirmed
from app.cli.output import Output
from app.domain.problems import HatchwayError


class Terminal(io.StringIO):
    """Somebody types this."""

    def isatty(self) -> bool:
        return True


async def ask(typed: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, as_json: bool = False) -> str:
    """ "" for yes, else why not."""
    monkeypatch.setattr("sys.stdin", typed)
    output = Output(as_json=as_json)
    try:
        await confirmed("Do it?", output, asyncio.Event())
    except HatchwayError as error:
        return error.problem.code
    finally:
        output.close()
    return ""


@pytest.mark.parametrize("word", ["yes\n", "Y\n", " YES \n"])
async def test_yes(word: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert await ask(Terminal(word), monkeypatch) == ""
    assert "Do it? Type yes:" in capfd.readouterr().out


@pytest.mark.parametrize("word", ["\n", "", "no\n", "yes please\n"])
async def test_anything_else_is_no(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ask(Terminal(word), monkeypatch) == "not_confirmed"


async def test_nobody_can_answer_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ask(io.StringIO("yes\n"), monkeypatch) == "needs_yes"
    assert await ask(Terminal("yes\n"), monkeypatch, as_json=True) == "needs_yes"


async def test_an_interrupt_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asyncio.Event()
    ended.set()
    monkeypatch.setattr("sys.stdin", Terminal(""))
    output = Output(as_json=False)
    with pytest.raises(HatchwayError, match="Nothing was done"):
        await confirmed("Do it?", output, ended)
    output.close()
