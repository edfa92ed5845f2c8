from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.problems import HatchwayError
from app.engine.tokens import VARIABLE, read_token
from app.relay.tokens import read_token_file

TOKEN = "a-token-of-32-characters-exactly"


def test_without_anything_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_token(None) == ""


def test_the_environment_may_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f" {TOKEN}\n")
    assert read_token(None) == TOKEN


def test_a_file_beats_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, "of the environment")
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert read_token(file) == TOKEN


@pytest.mark.parametrize(
    "text", [TOKEN, f"\n# comment\n\n  {TOKEN}  \nanother-token-that-is-not-used\n", f"office: {TOKEN}\r\n"]
)
def test_the_file_of_the_relay_serves_the_agent_as_well(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(text)
    assert read_token(file) == read_token_file(file)[0][1] == TOKEN


@pytest.mark.parametrize("content", [b"", b"\n# nothing\n", b"\xff\xfe", b"two words", "schlüssel".encode()])
def test_a_file_without_a_usable_token_is_refused_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(HatchwayError) as caught:
        read_token(file)
    assert caught.value.problem.code == "bad_token_file"
    assert "two words" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HatchwayError) as caught:
        read_token(tmp_path / "none")
    assert caught.value.problem.code == "bad_token_file"


def test_what_no_header_can_carry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "secret\nX-Injected: 1")
    with pytest.raises(HatchwayError) as caught:
        read_token(None)
    assert caught.value.problem.code == "bad_token_file"
    assert "secret" not in str(caught.value).replace("secrets", "")
