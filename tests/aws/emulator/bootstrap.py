"""The loop of a Python runtime in few lines, for where awslambdaric is not installed: `-m … module.handler`."""

from __future__ import annotations

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from typing import Any


class _Context:
    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._deadline - int(time.time() * 1000))


def main(target: str) -> None:
    """Import the handler, then serve events for ever."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        module, _, name = target.rpartition(".")
        handler = getattr(importlib.import_module(module), name)
    except Exception as error:
        _post(connection, "init/error", _described(error))
        raise SystemExit(1) from error
    while True:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        response = connection.getresponse()
        context = _Context(response.headers)
        event = json.loads(response.read())
        try:
            _post(connection, f"invocation/{context.aws_request_id}/response", handler(event, context))
        except Exception as error:
            _post(connection, f"invocation/{context.aws_request_id}/error", _described(error))


def _post(connection: http.client.HTTPConnection, path: str, content: Any) -> None:
    body = json.dumps(content).encode()
    connection.request("POST", f"/2018-06-01/runtime/{path}", body, {"Content-Type": "application/json"})
    connection.getresponse().read()


def _described(error: Exception) -> dict[str, Any]:
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


if __name__ == "__main__":
    main(sys.argv[1])
