"""DynamoDB's JSON protocol over HTTP, as boto3 speaks it."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.aws.emulator.dynamo_errors import BadSignature, DynamoError, Serialization, UnknownOperation
from tests.aws.emulator.dynamodb import DynamoDB
from tests.aws.emulator.http_server import HttpServer, Request, Response
from tests.aws.emulator.sigv4 import Keys, Refused, check_header

_PREFIX = "DynamoDB_20120810."


class DynamoApi:
    """Serve `DynamoDB` on a port."""

    def __init__(self, dynamodb: DynamoDB, keys: Keys) -> None:
        self._dynamodb = dynamodb
        self._keys = keys
        self.server = HttpServer(self._answer)

    async def _answer(self, request: Request) -> Response:
        body = await request.read()
        try:
            check_header(request, body, self._keys, "dynamodb", time.time())
            target = request.header("x-amz-target") or ""
            if not target.startswith(_PREFIX):
                raise UnknownOperation(target)
            return _response(200, self._dynamodb.call(target.removeprefix(_PREFIX), json.loads(body)))
        except Refused as error:
            return _failure(BadSignature(error.message))
        except DynamoError as error:
            return _failure(error)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            return _failure(Serialization(f"the request has not the shape of the operation: {error!r}"))


def _failure(error: DynamoError) -> Response:
    name = f"com.amazonaws.dynamodb.v20120810#{error.type}"
    return _response(error.status, {"__type": name, "message": error.message, **error.fields})


def _response(status: int, content: dict[str, Any]) -> Response:
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "emulated")]
    return Response(status, headers, json.dumps(content).encode())
