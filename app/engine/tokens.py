"""The token for a relay elsewhere: from a file or the environment, never from a command line that others can read."""

from __future__ import annotations

import os
from pathlib import Path

from app.domain.problems import fail

VARIABLE = "HATCHWAY_RELAY_TOKEN"


def read_token(file: Path | None) -> str:
    """The first token of the file, or of the environment; "" for none.

    Raises HatchwayError `bad_token_file`.
    """
    if file is None:
        return _checked(os.environ.get(VARIABLE, "").strip(), f"${VARIABLE}")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail("bad_token_file", f"The token file cannot be read: {error}", "you", "Check --token-file.") from None
    for line in text.splitlines():
        if (content := line.strip()) and not content.startswith("#"):
            # The same file as the relay's may be used, where a line can be `name:token`.
            return _checked(content.rpartition(":")[2].strip(), "the token file")
    raise fail("bad_token_file", "The token file holds no token", "you", "Write one token a line.")


def _checked(token: str, where: str) -> str:
    """What cannot stand in a header would only come back in an error message, for everybody to read."""
    if not all("!" <= character <= "~" for character in token):
        raise fail(
            "bad_token_file",
            f"The token of {where} holds a space or another character that no token has",
            "you",
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )
    return token
