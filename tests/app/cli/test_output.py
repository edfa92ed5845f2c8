from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator

import pytest

from app.cli import output as module
from app.cli.output import Output
from app.domain.problems import Problem

PROBLEM = Problem("name_in_use", "The name “x” is taken", "you", "Choose another.")


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A pipe in the place of stdout: (read end, write end)."""
    reading, writing = os.pipe()
    monkeypatch.setattr(module, "_STDOUT", writing)
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def test_lines_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    output.text("grüße")
    output.event({"event": "x"})
    output.error(PROBLEM)
    output.close()
    out, err = capfd.readouterr()
    assert out == "grüße\n"
    assert err == "hatchway: The name “x” is taken. Choose another.\n"


def test_lines_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    output.text("for people")
    output.event({"event": "x", "path": "/ä", "odd": "\udcff"})
    output.notice(PROBLEM)
    output.error(PROBLEM)
    output.close()
    out, err = capfd.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0] == {"event": "x", "path": "/ä", "odd": "\udcff"}
    assert [line["event"] for line in lines] == ["x", "notice", "error"]
    assert lines[1]["code"] == "name_in_use"
    assert err.count("\n") == 2


def test_nothing_of_a_stranger_steers_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        output = Output(as_json=as_json)
        output.event({"event": "x", "path": "/\x9b2J\x1b[2J\u202e"})
        output.error(Problem("odd", "It says\r\n\x9b2J\u202eoops", "relay"))
        output.close()
    out, err = capfd.readouterr()
    assert out.replace("\n", "").isprintable()
    assert out.isascii()
    assert json.loads(out.splitlines()[0])["path"] == "/\x9b2J\x1b[2J\u202e"
    assert err == "hatchway: It says\\x0d\\x0a\\x9b2J\\u202eoops (relay).\n" * 2


def test_no_colours_but_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    made = [Output(as_json=False), Output(as_json=True)]
    monkeypatch.setenv("NO_COLOR", "1")
    made.append(Output(as_json=False))
    assert [output.colour for output in made] == [True, False, False]
    for output in made:
        output.close()


def test_a_reader_that_goes_away_is_noticed_without_a_line(pipe: tuple[int, int]) -> None:
    closed = threading.Event()
    output = Output(as_json=True, on_closed=closed.set)
    assert not closed.wait(0.1)
    os.close(pipe[0])
    assert closed.wait(2)
    output.close()


def test_writing_to_nobody_is_noticed(pipe: tuple[int, int]) -> None:
    closed = threading.Event()
    os.close(pipe[0])
    output = Output(as_json=True)
    output._on_closed = closed.set
    output.event({"event": "x"})
    assert closed.wait(2)
    output.close()


def test_a_full_pipe_holds_nobody_up(
    pipe: tuple[int, int], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 100)
    output = Output(as_json=True)
    for number in range(1000):
        output.event({"event": "x", "number": number, "long": "x" * 1000})
    reader = threading.Thread(target=lambda: list(iter(lambda: os.read(pipe[0], 65536), b"")))
    reader.start()
    output.event({"event": "last"})
    while not output._lines.empty():
        time.sleep(0.01)
    output.close()
    os.close(pipe[1])
    reader.join(5)
    assert "lines of output are lost because nobody read them" in capfd.readouterr().err
