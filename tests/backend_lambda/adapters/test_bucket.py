"""What the bucket's adapter adds to the contract: where it is, what its URLs say, and whose failure is which."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, ReadTimeoutError

from backend_lambda.adapters import bucket as module
from backend_lambda.adapters.bucket import Bucket, open_bucket
from backend_lambda.adapters.presigning import Presigner
from backend_lambda.adapters.settings import read_settings
from backend_lambda.core.ports import BlobFailed

KEYS = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "token")
ENVIRONMENT = {"HATCHWAY_TABLE": "t", "HATCHWAY_CALLBACK_URL": "https://x", "HATCHWAY_BUCKET": "bodies"}


class Client:
    """boto3's, which answers or fails as told."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def get_object(self, **_: Any) -> dict[str, Any]:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return {"Body": self._outcome}

    def put_object(self, **_: Any) -> None:
        raise self._outcome


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ReadTimeoutError(endpoint_url="https://bodies/?X-Amz-Signature=secret")


def bucket(outcome: Any) -> Bucket:
    return Bucket("bodies", Presigner(lambda: KEYS, "https://bodies.test", "eu-central-1"), lambda: Client(outcome))


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetObject")


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
async def test_what_may_not_be_listed_is_missing_when_it_is_refused(code: str) -> None:
    with pytest.raises(KeyError):
        await anext(bucket(refusal(code)).get("r/1"))


@pytest.mark.parametrize("outcome", [refusal("SlowDown"), refusal("InternalError"), Breaking()])
async def test_a_bucket_that_fails_says_so_without_its_url(outcome: Any) -> None:
    with pytest.raises(BlobFailed) as failed:
        await anext(bucket(outcome).get("r/1"))
    assert "secret" not in str(failed.value)


async def test_a_body_that_is_not_taken_is_a_failure() -> None:
    async def pieces() -> Any:
        yield b"x"

    with pytest.raises(BlobFailed, match="SlowDown"):
        await bucket(refusal("SlowDown")).put("q/1", pieces())


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"AWS_REGION": "eu-central-1"}, "https://bodies.s3.eu-central-1.amazonaws.com/r/1"),
        ({"AWS_REGION": "us-east-1"}, "https://bodies.s3.us-east-1.amazonaws.com/r/1"),
        ({"AWS_REGION": "cn-north-1"}, "https://bodies.s3.cn-north-1.amazonaws.com.cn/r/1"),
        ({"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}, "http://127.0.0.1:9/bodies/r/1"),
    ],
)
def test_where_it_is(environment: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "credentials", lambda: KEYS)
    found = open_bucket(read_settings(ENVIRONMENT | environment))
    assert found is not None
    assert found.to_put("r/1").partition("?")[0] == url


def test_a_deployment_without_one_has_none() -> None:
    assert open_bucket(read_settings(ENVIRONMENT | {"AWS_REGION": "x", "HATCHWAY_BUCKET": ""})) is None


def test_a_visitors_url_says_what_the_answer_said() -> None:
    headers = [
        ("Content-Type", "text/csv"), ("content-disposition", 'attachment; filename="a b.csv"'), ("ETag", '"1"'),
        ("Content-Language", "\xfc"), ("Cache-Control", "max-age=60"), ("Content-Encoding", "br"),
    ]  # fmt: skip
    asked = parse_qs(urlsplit(bucket(None).to_get("r/1", headers)).query)
    assert {name: value for name, [value] in asked.items() if name.startswith("response-")} == {
        "response-content-type": "text/csv",
        "response-content-disposition": 'attachment; filename="a b.csv"',
        "response-cache-control": "max-age=60",
        "response-content-encoding": "br",
    }


def test_urls_live_no_longer_than_the_policy_of_the_bucket_lets_them() -> None:
    for url in (bucket(None).to_put("r/1"), bucket(None).to_get("r/1"), bucket(None).to_get("r/1", [])):
        assert int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]) <= 300
