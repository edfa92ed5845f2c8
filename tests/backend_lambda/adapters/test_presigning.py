"""Signatures are those of botocore, which AWS accepts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from backend_lambda.adapters.presigning import Presigner

NOW = datetime(2026, 11, 26, 15, 51, 51, tzinfo=UTC)
BUCKET_URL = "https://bodies.s3.eu-central-1.amazonaws.com"


@pytest.fixture(scope="module", params=[None, "a+token/with=signs"], ids=["user", "role"])
def keys(request: pytest.FixtureRequest) -> ReadOnlyCredentials:
    return ReadOnlyCredentials("AKIDEXAMPLE", "a/secret+key", request.param)


@cache
def boto3_client(keys: ReadOnlyCredentials) -> Any:
    session = boto3.session.Session(keys.access_key, keys.secret_key, keys.token, region_name="eu-central-1")
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return session.client("s3", config=config)


def by_boto3(keys: ReadOnlyCredentials, operation: str, **parameters: Any) -> str:
    params = {"Bucket": "bodies", **parameters}
    url: str = boto3_client(keys).generate_presigned_url(operation, Params=params, ExpiresIn=120)
    return url


@pytest.mark.parametrize("key", ["r/0123abcd", "q/a b/ü%2F~"])
def test_they_are_botocores(keys: ReadOnlyCredentials, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None))
    presigner = Presigner(lambda: keys, BUCKET_URL, "eu-central-1", clock=NOW.timestamp)
    parameters = {"response-content-type": "text/plain; charset=utf-8", "response-content-disposition": 'a; f="ü+&"'}
    pairs = [
        (presigner.url("PUT", key, 120), by_boto3(keys, "put_object", Key=key)),
        (
            presigner.url("PUT", key, 120, headers={"content-length": "5000000"}),
            by_boto3(keys, "put_object", Key=key, ContentLength=5_000_000),
        ),
        (
            presigner.url("GET", key, 120, parameters),
            by_boto3(
                keys, "get_object", Key=key, ResponseContentType=parameters["response-content-type"],
                ResponseContentDisposition=parameters["response-content-disposition"],
            ),
        ),
    ]  # fmt: skip
    for ours, theirs in pairs:
        assert urlsplit(ours)[:3] == urlsplit(theirs)[:3]
        assert sorted(parse_qsl(urlsplit(ours).query)) == sorted(parse_qsl(urlsplit(theirs).query))


def test_new_credentials_and_a_new_day_are_noticed() -> None:
    current = ReadOnlyCredentials("one", "first", None)
    now = NOW.timestamp()
    presigner = Presigner(lambda: current, BUCKET_URL, "eu-central-1", clock=lambda: now)
    urls = {presigner.url("GET", "r/1", 60)}
    current = ReadOnlyCredentials("one", "second", None)
    urls.add(presigner.url("GET", "r/1", 60))
    now += 86_400
    urls.add(presigner.url("GET", "r/1", 60))
    assert len({dict(parse_qsl(urlsplit(url).query))["X-Amz-Signature"] for url in urls}) == 3
