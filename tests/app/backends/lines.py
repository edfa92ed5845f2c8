"""Lines of Terraform 1.11 with `-json`, as it wrote them against a mock cloud; times and places are left out."""

from __future__ import annotations

import json
from typing import Any


def line(kind: str, message: str, **fields: Any) -> str:
    level = "error" if kind == "diagnostic" else "info"
    return json.dumps({"@level": level, "@message": message, "@module": "terraform.ui", "type": kind, **fields})


def resource(address: str) -> dict[str, Any]:
    type_, _, name = address.removeprefix("data.").partition(".")
    return {
        "addr": address, "module": "", "resource": address, "implied_provider": "aws", "resource_type": type_,
        "resource_name": name.partition("[")[0], "resource_key": None,
    }  # fmt: skip


def planned(address: str, action: str) -> str:
    change = {"resource": resource(address), "action": action}
    return line("planned_change", f"{address}: Plan to {action}", change=change)


def hook(kind: str, address: str, action: str, message: str, **fields: Any) -> str:
    return line(kind, f"{address}: {message}", hook={"resource": resource(address), "action": action, **fields})


def error(summary: str, detail: str = "", address: str = "") -> str:
    diagnostic = {"severity": "error", "summary": summary, "detail": detail, "address": address}
    return line("diagnostic", f"Error: {summary}", diagnostic=diagnostic)


VERSION = line("version", "Terraform 1.11.4", terraform="1.11.4", ui="1.2")
READING = hook("apply_start", "data.aws_region.current", "read", "Refreshing...")
STARTED = hook("apply_start", "aws_s3_bucket.bodies", "create", "Creating...")
GOING_ON = hook(
    "apply_progress", "aws_s3_bucket.bodies", "create", "Still creating... [10s elapsed]", elapsed_seconds=10
)  # fmt: skip
DONE = hook(
    "apply_complete", "aws_s3_bucket.bodies", "create", "Creation complete after 12s [id=b]", elapsed_seconds=12
)
FAILED = hook("apply_errored", "aws_iam_role.socket", "create", "Creation errored after 0s", elapsed_seconds=0)
SUMMARY = line(
    "change_summary",
    "Plan: 3 to add, 1 to change, 2 to destroy.",
    changes={"add": 3, "change": 1, "import": 0, "remove": 2, "operation": "plan"},
)
OUTPUTS = line(
    "outputs",
    "Outputs: 2",
    outputs={
        "socket_url": {"sensitive": False, "type": "string", "value": "wss://x.execute-api.eu-central-1.test/live"},
        "table": {"sensitive": False, "action": "create"},
    },
)
NO_CREDENTIALS = error(
    "No valid credential sources found", "failed to refresh cached credentials, no EC2 IMDS role found"
)
UNREACHABLE = error(
    "Retrieving AWS account details: validating provider credentials: retrieving caller identity from STS: operation "
    "error STS: GetCallerIdentity, exceeded maximum number of attempts, 9, https response error StatusCode: 0, "
    "RequestID: "
    ', request send failed, Post "http://127.0.0.1:9/": dial tcp 127.0.0.1:9: connect: connection refused'
)
NO_REGION = error("invalid AWS Region: eu-nowhere-9")
BAD_NAME = error(
    "Invalid value for variable",
    "name needs 3 to 24 lower-case letters, digits and inner hyphens, and begins with a letter.\n\n"
    "This was checked by the validation rule at variables.tf:6,3-13.",
)
LOCKED = error(
    "Error acquiring the state lock",
    "Error message: resource temporarily unavailable\nLock Info:\n  ID: 00a42871\n  Operation: OperationTypeApply\n",
)
TABLE_TAKEN = error(
    "creating AWS DynamoDB Table (hatchway): operation error DynamoDB: CreateTable, https response error "
    "StatusCode: 400, "
    "RequestID: i7Fg25vS5X, ResourceInUseException: Table already exists: hatchway",
    address="aws_dynamodb_table.state",
)
ROLE_TAKEN = error(
    "creating IAM Role (hatchway-socket): operation error IAM: CreateRole, https response error StatusCode: 409, "
    "RequestID: 3auQskKEC7, EntityAlreadyExists: Role with name hatchway-socket already exists.",
)
FORBIDDEN = error(
    "creating IAM Role (hatchway-function): operation error IAM: CreateRole, https response error StatusCode: 403, "
    "RequestID: 3auQskKEC7, api error AccessDenied: User: arn:aws:iam::123456789012:user/dev is not authorized to "
    "perform: "
    "iam:CreateRole on resource: arn:aws:iam::123456789012:role/hatchway-function because no identity-based policy "
    "allows the iam:CreateRole action",
)
FORBIDDEN_WITHOUT_WORDS = error(
    "creating CloudWatch Logs Log Group (/aws/lambda/hatchway): operation error CloudWatch Logs: CreateLogGroup, https "
    "response error StatusCode: 400, RequestID: 1, AccessDeniedException: ",
)
QUOTA = error(
    "creating S3 Bucket (hatchway-2026): operation error S3: CreateBucket, https response error StatusCode: 400, "
    "RequestID: 1, api error TooManyBuckets: You have attempted to create more buckets than allowed",
)
EXPIRED = error(
    "Retrieving AWS account details: validating provider credentials: retrieving caller identity from STS: "
    "operation error "
    "STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 1, api error ExpiredToken: The security "
    "token included in the request is expired",
)
NOT_EMPTY = error(
    "deleting S3 Bucket (hatchway-2026): operation error S3: DeleteBucket, https response error StatusCode: 409, "
    "RequestID: 1, HostID: , api error BucketNotEmpty: The bucket you tried to delete is not empty",
)
PROTECTED = error(
    "deleting AWS DynamoDB Table (hatchway): operation error DynamoDB: DeleteTable, https response error "
    "StatusCode: 400, "
    "RequestID: 1, api error ValidationException: Resource cannot be deleted as it is currently protected against "
    "deletion. Disable deletion protection first.",
)
STALE = error(
    "Saved plan is stale",
    "The given plan file can no longer be applied because the state was changed by another operation.",
)
HALTED = error("execution halted")
UNHEARD_OF = error("creating Lambda Function (hatchway): unexpected state 'Failed', wanted 'Active'", "InternalWhim")
# Not JSON: `init` cannot, in versions that are still in use.
NO_REGISTRY = """
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
could not connect to the registry: failed to request discovery document:
proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused
"""
TOO_OLD = """
Error: Unsupported Terraform Core version

  on versions.tf line 2, in terraform:
   2:   required_version = ">= 1.9"
"""
