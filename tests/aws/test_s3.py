from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import CloudStage, client_for

BUCKET = "hatchway-bodies"


@pytest.fixture
def s3(stage: CloudStage) -> Iterator[Any]:
    client = client_for("s3", stage.cloud.s3.server.url, signature_version="s3v4", s3={"addressing_style": "virtual"})
    yield client
    client.close()


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        yield client


def presigned(s3: Any, operation: str, seconds: int = 300, **parameters: Any) -> str:
    url: str = s3.generate_presigned_url(
        operation, Params={"Bucket": BUCKET, "Key": "r/a b", **parameters}, ExpiresIn=seconds
    )
    return url


def code(response: httpx.Response) -> str:
    return response.text.partition("<Code>")[2].partition("<")[0]


async def test_put_and_get_presigned(stage: CloudStage, s3: Any, web: httpx.AsyncClient) -> None:
    assert (await web.put(presigned(s3, "put_object"), content=b"0123456789")).status_code == 200
    url = presigned(s3, "get_object", ResponseContentType="text/html", ResponseCacheControl="no-store")
    whole = await web.get(url)
    part = await web.get(url, headers={"Range": "bytes=2-4"})
    assert whole.content == b"0123456789"
    assert (whole.headers["content-type"], whole.headers["cache-control"]) == ("text/html", "no-store")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert (await web.get(url, headers={"Range": "bytes=20-"})).status_code == 416
    bill = stage.cloud.bill()
    assert (bill["s3_puts"], bill["s3_gets"]) == (1, 3)
    assert bill["egress_gb"] == pytest.approx(13e-9)


async def test_a_tampered_url_is_refused(s3: Any, web: httpx.AsyncClient) -> None:
    url = presigned(s3, "put_object")
    for wrong in (url.replace("r/a", "r/b"), url.replace("Expires=300", "Expires=900"), url[:-1] + "g"):
        response = await web.put(wrong, content=b"x")
        assert (response.status_code, code(response)) == (403, "SignatureDoesNotMatch")
    response = await web.get(url)  # signed for PUT
    assert (response.status_code, code(response)) == (403, "SignatureDoesNotMatch")


async def test_an_expired_url_is_refused(stage: CloudStage, s3: Any, web: httpx.AsyncClient) -> None:
    url = presigned(s3, "put_object", 60)
    stage.cloud.s3.clock.advance(61)
    response = await web.put(url, content=b"x")
    assert (response.status_code, code(response)) == (403, "AccessDenied")
    assert "expired" in response.text


async def test_signed_headers_must_be_sent_as_signed(s3: Any, web: httpx.AsyncClient) -> None:
    url = presigned(s3, "put_object", ContentLength=3, ContentType="text/plain")
    right = {"Content-Type": "text/plain"}
    assert (await web.put(url, content=b"four", headers=right)).status_code == 403
    assert (await web.put(url, content=b"123", headers={"Content-Type": "text/html"})).status_code == 403
    assert (await web.put(url, content=b"123", headers=right)).status_code == 200


async def test_a_chunked_upload_is_not_implemented(s3: Any, web: httpx.AsyncClient) -> None:
    """The trap: to stream an upload whose length nobody knows."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"

    response = await web.put(presigned(s3, "put_object"), content=pieces())
    assert (response.status_code, code(response)) == (501, "NotImplemented")


async def test_old_signatures_and_none_are_refused(stage: CloudStage, web: httpx.AsyncClient) -> None:
    old = client_for("s3", stage.cloud.s3.server.url, signature_version="s3")
    response = await web.get(presigned(old, "get_object"))
    old.close()
    assert response.status_code == 403
    assert (await web.get(f"{stage.cloud.s3.server.url}/{BUCKET}/r/x")).status_code == 403


def test_the_functions_own_calls(stage: CloudStage, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="q/1", Body=b"body", ContentType="a/b")
    found = s3.get_object(Bucket=BUCKET, Key="q/1")
    assert (found["Body"].read(), found["ContentType"]) == (b"body", "a/b")
    assert stage.cloud.bill()["egress_gb"] == 0
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=BUCKET, Key="q/1", Body=b"other", IfNoneMatch="*")
    s3.delete_object(Bucket=BUCKET, Key="q/1")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="q/1")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_object(Bucket="another", Key="q/1")
    stage.cloud.inject("s3-503")
    with pytest.raises(ClientError, match="SlowDown"):
        s3.get_object(Bucket=BUCKET, Key="q/1")


async def test_virtual_host_style(stage: CloudStage, web: httpx.AsyncClient) -> None:
    port = stage.cloud.s3.server.port
    s3 = client_for("s3", f"http://bodies.test:{port}", signature_version="s3v4", s3={"addressing_style": "virtual"})
    url = presigned(s3, "put_object")
    s3.close()
    host = f"{BUCKET}.bodies.test:{port}"
    assert f"//{host}/" in url
    response = await web.put(url.replace(host, f"127.0.0.1:{port}"), headers={"Host": host}, content=b"x")
    assert response.status_code == 200
    assert list(stage.cloud.s3.objects) == ["r/a b"]
