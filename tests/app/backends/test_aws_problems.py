from __future__ import annotations

import botocore.exceptions as boto
import pytest
from botocore.exceptions import ClientError

from app.backends.aws_problems import Situation, explained

HERE = Situation("work", "eu-central-1", "hatchway")


def refused(code: str, message: str = "", operation: str = "GetCallerIdentity") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (boto.NoCredentialsError(), "aws_no_credentials"),
        (boto.PartialCredentialsError(provider="env", cred_var="x"), "aws_no_credentials"),
        (boto.NoRegionError(), "aws_no_region"),
        (boto.InvalidRegionError(region_name="no such"), "aws_unknown_region"),
        (boto.ProfileNotFound(profile="work"), "aws_unknown_profile"),
        (boto.ConfigParseError(path="~/.aws/config"), "aws_bad_configuration"),
        (ValueError("Invalid endpoint: nonsense"), "aws_bad_configuration"),
        (boto.UnauthorizedSSOTokenError(), "aws_expired"),
        (boto.SSOTokenLoadError(error_msg="x"), "aws_expired"),
        (boto.TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"), "aws_expired"),
        (boto.EndpointConnectionError(endpoint_url="https://sts.eu-central-1.test/"), "aws_unreachable"),
        (boto.ConnectTimeoutError(endpoint_url="https://sts.eu-central-1.test/"), "aws_unreachable"),
        (boto.ProxyConnectionError(proxy_url="http://proxy.test"), "aws_unreachable"),
        (boto.SSLError(endpoint_url="https://sts.eu-central-1.test/", error="self-signed"), "aws_unreachable"),
        (refused("ExpiredToken", "The security token included in the request is expired"), "aws_expired"),
        (
            refused("InvalidClientTokenId", "The security token is invalid."),
            "aws_bad_credentials",
        ),
        (refused("SignatureDoesNotMatch", "Signature expired: 20261126T1 is now earlier than"), "aws_clock"),
        (refused("SignatureDoesNotMatch", "The request signature we calculated does not match"), "aws_bad_credentials"),
        (refused("RequestTimeTooSkewed"), "aws_clock"),
        (refused("OptInRequired"), "aws_unknown_region"),
        (refused("LimitExceededException", "Too many functions"), "aws_quota"),
        (refused("ThrottlingException", "Rate exceeded"), "aws_busy"),
        (refused("SomethingNew", "Words of AWS"), "aws_refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_failure_has_its_name(error: Exception, code: str) -> None:
    problem = explained(error, HERE).problem
    assert problem.code == code
    assert problem.hint


def test_the_missing_right_is_named() -> None:
    message = "User: arn:aws:iam::1:user/dev is not authorized to perform: tag:GetResources because no policy allows it"
    assert "tag:GetResources" in explained(refused("AccessDeniedException", message), HERE).problem.title
    without_words = refused("AccessDeniedException", operation="PutItem")
    assert "PutItem" in explained(without_words, HERE).problem.title


def test_the_profile_is_in_the_next_step() -> None:
    assert "aws sso login --profile work" in explained(boto.UnauthorizedSSOTokenError(), HERE).problem.hint
    assert "--profile" not in explained(boto.UnauthorizedSSOTokenError(), Situation()).problem.hint
