"""What DynamoDB says no with."""

from __future__ import annotations

from typing import Any

Item = dict[str, dict[str, Any]]


class DynamoError(Exception):
    """An error answer; `type` is the name by which boto3 knows it."""

    type = "ValidationException"
    status = 400

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class Validation(DynamoError):
    """The request is wrong in itself."""


class Serialization(DynamoError):
    """The JSON does not have the shape of the operation."""

    type = "SerializationException"


class ConditionFailed(DynamoError):
    """With `Item` if ReturnValuesOnConditionCheckFailure asks for it."""

    type = "ConditionalCheckFailedException"


class NotFound(DynamoError):
    type = "ResourceNotFoundException"


class Throttling(DynamoError):
    type = "ThrottlingException"


class Denied(DynamoError):
    """IAM does not allow the operation to the function's role."""

    type = "AccessDeniedException"


class BadSignature(DynamoError):
    type = "InvalidSignatureException"


class UnknownOperation(DynamoError):
    type = "UnknownOperationException"


class Internal(DynamoError):
    type = "InternalServerError"
    status = 500
