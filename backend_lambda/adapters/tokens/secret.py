"""The key for HS256: an SSM parameter (SecureString) of the deployment's owner, read when first needed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.tokens.errors import KeysUnavailable

_REMEMBERED: Final = 300.0  # seconds, so a new key counts everywhere after five minutes
_BETWEEN: Final = 5.0  # seconds between two attempts that fail
_SHORTEST: Final = 32  # bytes (RFC 7518 section 3.2)
_log = logging.getLogger(__name__)


class SharedSecret:
    """client: makes boto3's for `ssm`, when needed; clock: monotonic, in seconds."""

    def __init__(
        self, client: Callable[[], Any], parameter: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._parameter = parameter
        self._clock = clock
        self._read_at = float("-inf")
        self._secret = b""
        self._failure = ""

    def key(self) -> bytes:
        """The bytes of the parameter's text. Raises KeysUnavailable, which names the parameter and AWS's reason."""
        if self._clock() - self._read_at > (_BETWEEN if self._failure else _REMEMBERED):
            self._secret, self._failure = self._read()
            self._read_at = self._clock()
            if self._failure:
                _log.warning("key for HS256 unavailable: SSM parameter %s: %s", self._parameter, self._failure)
        if self._failure:
            raise KeysUnavailable(f"SSM parameter {self._parameter}: {self._failure}")
        return self._secret

    def _read(self) -> tuple[bytes, str]:
        """(secret, "") or (b"", what is wrong)."""
        try:
            answer = self._client().get_parameter(Name=self._parameter, WithDecryption=True)
            secret: str = answer["Parameter"]["Value"]
        except Exception as error:
            return b"", code_of(error) or type(error).__name__
        if "-----BEGIN" in secret:
            # Everybody may know a public key, so as a secret it would let everybody in.
            return b"", "it holds a PEM file, which is no secret for HS256"
        if len(secret.encode()) < _SHORTEST:
            return b"", f"it is shorter than {_SHORTEST} bytes"
        return secret.encode(), ""
