"""Who is let in, with which status everybody else is turned away, and what of it is written down."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from backend_lambda.adapters import patience
from backend_lambda.adapters.admission import Admission, make_admission
from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.adapters.settings import read_settings
from backend_lambda.adapters.tokens.errors import BadToken, KeysUnavailable

JWT = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"


class AwsError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Table(ConnectionTable):
    """errors: raised by the next calls, one each"""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.rows: dict[str, str] = {}

    def principal(self, token: str) -> str | None:
        self._fail()
        return {"good": "laptops"}.get(token)

    def opened(self, connection_id: str, principal: str) -> None:
        self._fail()
        self.rows[connection_id] = principal

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


class Jwt:
    """outcome: of the next token"""

    def __init__(self, outcome: str | Exception) -> None:
        self.outcome = outcome

    def principal(self, text: str) -> str:
        assert text == JWT
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def status(table: Table, authorization: str | None, jwt: Any = None, **more: str) -> int:
    headers = {**({} if authorization is None else {"authorization": authorization}), **more}
    return await Admission(table, jwt, "hatchway").open("connection-1", headers)


def refusals(out: str) -> list[tuple[str, int]]:
    return [(line["Side"], line["ConnectErrors"]) for line in map(json.loads, out.splitlines())]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSES", (0.0, 0.0, 0.0))


@pytest.mark.parametrize("authorization", ["Bearer good", "bearer good", "BEARER  good "])
async def test_a_token_of_hatchway(authorization: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    assert await status(table, authorization) == 200
    assert table.rows == {"connection-1": "laptops"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic good", "good", "Bearer bad", f"Bearer {JWT}"]
)
async def test_no_good_token(authorization: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    assert await status(table, authorization) == 401
    assert table.rows == {}
    assert refusals(capsys.readouterr().out) == [("agent", 1)]


async def test_a_browser(capsys: pytest.CaptureFixture[str]) -> None:
    assert await status(Table(), "Bearer good", origin="https://page.example") == 403
    assert refusals(capsys.readouterr().out) == [("agent", 1)]


async def test_a_token_of_the_identity_provider() -> None:
    table = Table()
    assert await status(table, f"Bearer {JWT}", Jwt("jwt:https://id.example.com alice")) == 200
    assert table.rows == {"connection-1": "jwt:https://id.example.com alice"}
    assert await status(table, "Bearer good", Jwt(BadToken("not asked"))) == 200  # both kinds side by side


async def test_a_bad_token_is_the_agents_side_and_never_in_the_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    assert await status(Table(), f"Bearer {JWT}", Jwt(BadToken("expired"))) == 401
    assert await status(Table(), "Bearer bad-secret-token") == 401
    assert "status=401 side=agent reason=JWT: expired" in caplog.text
    assert JWT not in caplog.text
    assert "bad-secret-token" not in caplog.text
    assert refusals(capsys.readouterr().out) == [("agent", 1)] * 2


@pytest.mark.expect_log("side=keys reason=JWT cannot be judged: id.example.com answered 500")
async def test_an_identity_provider_out_of_reach_is_no_bad_token(capsys: pytest.CaptureFixture[str]) -> None:
    jwt = Jwt(KeysUnavailable("id.example.com answered 500"))
    assert await status(Table(), f"Bearer {JWT}", jwt) == 424
    assert refusals(capsys.readouterr().out) == [("keys", 1)]


TEMPORARY = [
    AwsError("ThrottlingException"),
    AwsError("ProvisionedThroughputExceededException"),
    AwsError("InternalServerError"),
    EndpointConnectionError(endpoint_url="https://dynamodb"),
]


@pytest.mark.parametrize("error", TEMPORARY, ids=repr)
async def test_aws_bad_moments_are_waited_for(error: Exception) -> None:
    table = Table(error, error, error)
    assert await status(table, "Bearer good") == 200
    assert table.errors == []


@pytest.mark.expect_log("status=503 side=aws")
@pytest.mark.parametrize("error", TEMPORARY, ids=repr)
async def test_aws_bad_days_are_told_as_aws(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert await status(Table(*[error] * 4), "Bearer good") == 503
    assert refusals(capsys.readouterr().out) == [("aws", 1)]


@pytest.mark.expect_log("an agent's connection could not be opened")
@pytest.mark.expect_log("status=500 side=relay reason=AwsError")
async def test_a_missing_right_is_our_side_and_not_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(AwsError("AccessDeniedException"))
    assert await status(table, "Bearer good") == 500
    assert table.rows == {}
    assert refusals(capsys.readouterr().out) == [("relay", 1)]


def test_nothing_of_tokens_is_imported_or_asked_without_jwt() -> None:
    environment = {"HATCHWAY_TABLE": "t", "HATCHWAY_CALLBACK_URL": "https://c", "AWS_REGION": "eu-central-1"}
    settings = read_settings(environment)
    admission = make_admission(Table(), settings, lambda: pytest.fail("asked"))
    assert admission._jwt is None
