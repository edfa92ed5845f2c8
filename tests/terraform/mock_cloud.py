"""moto as the cloud that Terraform applies to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest


@contextmanager
def mock_cloud() -> Iterator[str]:
    """A cloud without anything in it; its address."""
    # moto.server takes 0.3 s, and most runs of the tests do not come here.
    from moto.awslambda.models import LambdaFunction
    from moto.server import ThreadedMotoServer

    create, describe = LambdaFunction.__init__, LambdaFunction.get_configuration

    def create_remembering(function: Any, *, spec: dict[str, Any], **named: Any) -> None:
        create(function, spec=spec, **named)
        function.hatchway_logging = {key: spec[key] for key in ("LoggingConfig",) if key in spec}

    def describe_all(function: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        """moto 5.2 forgets where a function logs, and Terraform would want to repair that for ever."""
        return {**describe(function, *arguments, **named), **function.hatchway_logging}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LambdaFunction, "__init__", create_remembering)
        patch.setattr(LambdaFunction, "get_configuration", describe_all)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it reports each request
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            address = f"http://{host}:{port}"
            httpx.post(f"{address}/moto-api/reset", trust_env=False).raise_for_status()
            yield address
        finally:
            server.stop()
