"""The key for HS256 out of SSM."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from backend_lambda.adapters.tokens import secret as module
from backend_lambda.adapters.tokens.errors import KeysUnavailable
from backend_lambda.adapters.tokens.secret import SharedSecret
from tests.backend_lambda.adapters.tokens.signing import SECRET_TEXT


class AwsError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Ssm:
    def __init__(self, value: str = SECRET_TEXT) -> None:
        self.value = value
        self.error: Exception | None = None
        self.asked = 0
        self.now = 1000.0
        self.secret = SharedSecret(lambda: self, "/hatchway/jwt", clock=lambda: self.now)

    def get_parameter(self, **arguments: Any) -> dict[str, Any]:
        assert arguments == {"Name": "/hatchway/jwt", "WithDecryption": True}
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {"Parameter": {"Value": self.value}}


def test_the_secret_is_read_once_in_five_minutes() -> None:
    ssm = Ssm()
    assert [ssm.secret.key(), ssm.secret.key()] == [SECRET_TEXT.encode()] * 2
    assert ssm.asked == 1
    ssm.value = "another secret that is long enough for SHA-256"
    ssm.now += 301
    assert ssm.secret.key() == ssm.value.encode()
    assert ssm.asked == 2


@pytest.mark.parametrize(
    "value",
    ["", "ten chars", "x" * 31, "-----BEGIN PUBLIC KEY-----\n" + "A" * 200],
    ids=["none", "short", "31", "PEM"],
)
def test_what_is_no_secret_lets_nobody_in(value: str, caplog: pytest.LogCaptureFixture) -> None:
    ssm = Ssm(value)
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailable, match="/hatchway/jwt"):
        ssm.secret.key()
    assert not value or value not in caplog.text


@pytest.mark.parametrize("code", ["ParameterNotFound", "AccessDeniedException", "ThrottlingException"])
def test_aws_refusal_is_told_by_its_name_and_tried_again_later(code: str, caplog: pytest.LogCaptureFixture) -> None:
    ssm = Ssm()
    ssm.error = AwsError(code)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with pytest.raises(KeysUnavailable, match=code):
                ssm.secret.key()
    assert ssm.asked == 1
    assert code in caplog.text
    ssm.error = None
    ssm.now += module._BETWEEN + 1
    assert ssm.secret.key() == SECRET_TEXT.encode()


def test_an_old_secret_does_not_outlive_its_five_minutes(caplog: pytest.LogCaptureFixture) -> None:
    ssm = Ssm()
    ssm.secret.key()
    ssm.error = OSError("network")
    ssm.now += 301
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailable, match="OSError"):
        ssm.secret.key()
