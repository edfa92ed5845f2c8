"""The tokens that a deployment takes: rows `k#<SHA-256>` of its table. The tokens themselves are nowhere. Blocks."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any, Final

from app.backends.aws import client, explaining
from app.backends.aws_problems import Situation
from app.domain.deployment import BackendToken, Deployment
from app.domain.problems import fail

_LONGEST: Final = 64
_SORT: Final = "k"
_PREFIX: Final = "k#"


def mint(deployment: Deployment, name: str, credentials: str) -> str:
    """A new token of 256 random bits. Raises HatchwayError (`bad_token_name` among them)."""
    if not (0 < len(name) <= _LONGEST and name.isascii() and name.isprintable() and name.strip() == name):
        raise fail(
            "bad_token_name",
            f"“{name}” cannot be the name of a token",
            "you",
            f"Use 1 to {_LONGEST} plain characters: it appears in logs.",
        )
    token = secrets.token_urlsafe(32)
    row = {
        **_key(hashlib.sha256(token.encode()).hexdigest()),
        "name": {"S": name},
        "created": {"N": str(int(time.time()))},
    }
    with explaining(_situation(deployment, credentials)):
        client("dynamodb", credentials, deployment.region).put_item(TableName=deployment.table, Item=row)
    return token


def tokens(deployment: Deployment, credentials: str) -> list[BackendToken]:
    """All, by name. Raises HatchwayError."""
    with explaining(_situation(deployment, credentials)):
        pages = client("dynamodb", credentials, deployment.region).get_paginator("scan").paginate(
            TableName=deployment.table,
            FilterExpression="begins_with(pk, :k)",
            ExpressionAttributeValues={":k": {"S": _PREFIX}},
        )  # fmt: skip
        found = [_token(item) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda token: (token.name, token.created))


def revoke(deployment: Deployment, digest: str, credentials: str) -> None:
    """digest: of the token, as `tokens` says it. Raises HatchwayError."""
    with explaining(_situation(deployment, credentials)):
        client("dynamodb", credentials, deployment.region).delete_item(TableName=deployment.table, Key=_key(digest))


def _key(digest: str) -> dict[str, Any]:
    return {"pk": {"S": f"{_PREFIX}{digest}"}, "sk": {"S": _SORT}}


def _token(item: dict[str, Any]) -> BackendToken:
    def number(name: str) -> float:
        return float(item.get(name, {}).get("N", 0))

    digest = item["pk"]["S"].removeprefix(_PREFIX)
    return BackendToken(item.get("name", {}).get("S", ""), digest, number("created"), number("ttl"))


def _situation(deployment: Deployment, credentials: str) -> Situation:
    return Situation(credentials, deployment.region, deployment.name)
