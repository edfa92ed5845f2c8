"""Token files, and whom a token proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.problems import HatchwayError
from app.relay.tokens import Tokens, read_token_file

LONG = "0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (f"{LONG}\n", [("token 1", LONG)]),
        (f"# mine\n\n  {LONG}x  \n", [("token 3", f"{LONG}x")]),
        (f"anna:{LONG}a\nbert : {LONG}b\n", [("anna", f"{LONG}a"), ("bert", f"{LONG}b")]),
        (f"anna:{LONG}:with:colons", [("anna", f"{LONG}:with:colons")]),
        (f"anna:{LONG}\r\nbert:{LONG}2\r\n", [("anna", LONG), ("bert", f"{LONG}2")]),
        (f"\ufeff{LONG}", [("token 1", LONG)]),
    ],
    ids=["one", "comment", "names", "colons", "CRLF", "BOM"],
)
def test_a_token_file(tmp_path: Path, text: str, tokens: list[tuple[str, str]]) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_token_file(path) == tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no token"),
        ("# nothing\n", "no token"),
        ("short\n", "line 1"),
        (f"{LONG}\nanna:short\n", "line 2"),
        (f"anna:\n{LONG}", "line 1"),
    ],
)
def test_a_bad_token_file_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text)
    with pytest.raises(HatchwayError) as caught:
        read_token_file(path)
    problem = caught.value.problem
    assert (problem.code, problem.side) == ("bad_token_file", "you")
    assert words in problem.title
    assert "short" not in problem.hint


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not text"])
def test_an_unreadable_token_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tokens"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HatchwayError) as caught:
        read_token_file(path)
    assert caught.value.problem.code == "bad_token_file"


def test_whom_a_token_proves() -> None:
    tokens = Tokens([("anna", LONG), ("bert", f"{LONG}2")])
    assert tokens
    assert tokens.principal(f"Bearer {LONG}") == "anna"
    assert tokens.principal(f"bearer  {LONG}2 ") == "bert"
    for wrong in (None, "", LONG, "Bearer", "Bearer \udcff", f"Basic {LONG}", f"Bearer {LONG[:-1]}"):
        assert tokens.principal(wrong) is None


def test_without_tokens_everybody_may_and_is_nobody() -> None:
    tokens = Tokens()
    assert not tokens
    assert tokens.principal(None) == ""
    assert tokens.principal("Bearer anything") == ""
