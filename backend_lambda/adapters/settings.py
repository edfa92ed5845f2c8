"""What the deployment tells the function, by environment variables (infra/terraform/function.tf)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """table, bucket: names, "" for no bucket; s3_endpoint: "" for that of AWS
    callback_url: of the WebSocket API's stage, for posts to agents
    public_url: where visitors come in, "" where only a row of the table tells it (a Function URL)
    socket_url: the WebSocket API, for visitors' WebSockets as well, "" where they have none
    host_base: the domain below which tunnels have hosts of their own, "" for none
    region: of everything; deployment: its name, which is the function's
    jwt: which tokens of an identity provider count, as JSON (tokens/jwt_settings.py), "" for none
    log_level: from which on the function's own lines are written
    """

    table: str
    bucket: str
    callback_url: str
    public_url: str
    socket_url: str
    host_base: str
    region: str
    deployment: str
    log_level: str
    jwt: str = ""
    s3_endpoint: str = ""


class NotConfigured(Exception):
    """A variable that the function cannot do without is missing; the message names it."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises NotConfigured."""

    def needed(name: str) -> str:
        value = environment.get(name, "")
        if not value:
            raise NotConfigured(f"The environment variable {name} is not set; deploy with the Terraform module.")
        return value

    return Settings(
        table=needed("HATCHWAY_TABLE"),
        bucket=environment.get("HATCHWAY_BUCKET", ""),
        callback_url=needed("HATCHWAY_CALLBACK_URL"),
        public_url=environment.get("HATCHWAY_PUBLIC_URL", "").rstrip("/"),
        socket_url=environment.get("HATCHWAY_SOCKET_URL", ""),
        host_base=environment.get("HATCHWAY_HOST_BASE", ""),
        region=needed("AWS_REGION"),
        deployment=environment.get("AWS_LAMBDA_FUNCTION_NAME", "hatchway"),
        log_level=environment.get("HATCHWAY_LOG_LEVEL", "INFO"),
        jwt=environment.get("HATCHWAY_JWT", ""),
        s3_endpoint=environment.get("AWS_ENDPOINT_URL_S3", ""),
    )
