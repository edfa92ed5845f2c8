"""What AWS refuses, in the words of botocore and of Terraform's provider, as a problem with its next step.

Both quote the code of the API's error (`ExpiredToken`, `AccessDenied`), so one table serves both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.problems import HatchwayError, Problem

_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
_PROVIDERS_OPERATION = re.compile(r"operation error ([\w ]+): (\w+)")
_BOTOCORES_OPERATION = re.compile(r"when calling the (\w+) operation")
_CAUSE = re.compile(r"\w+Exception: |api error \w+: |when calling the \w+ operation: ")
_QUOTED_REGION = re.compile(r"[Rr]egion:? ['\"“]?([a-z0-9-]+)|endpoint URL: \"https://[a-z]+\.([a-z0-9-]+)\.")


@dataclass(frozen=True, slots=True)
class Situation:
    """For the words. credentials: the profile, "" for the usual chain; deployment: the name that was asked for"""

    credentials: str = ""
    region: str = ""
    deployment: str = ""


def recognise(text: str, situation: Situation) -> Problem | None:
    """None for what is no failure that is known here."""
    for pattern, problem in _RULES:
        if pattern.search(text):
            return problem(text, situation)
    return None


def explained(error: Exception, situation: Situation) -> HatchwayError:
    """A failure of botocore's."""
    found = recognise(f"{type(error).__name__}: {error}", situation)
    if found is None:
        found = Problem("aws_refused", f"AWS refused: {error}", "AWS", "Try again; the words of AWS say more.")
    return HatchwayError(found)


def _no_credentials(_: str, situation: Situation) -> Problem:
    hint = "Run `aws configure sso` or `aws configure`, or set AWS_PROFILE, then try again."
    if situation.credentials:
        return Problem(
            "aws_no_credentials",
            f"The profile “{situation.credentials}” holds no AWS credentials",
            "you",
            f"Run `aws sso login --profile {situation.credentials}`, or `aws configure --profile "
            f"{situation.credentials}` for keys.",
        )
    return Problem("aws_no_credentials", "There are no AWS credentials on this computer", "you", hint)


def _expired(_: str, situation: Situation) -> Problem:
    profile = f" --profile {situation.credentials}" if situation.credentials else ""
    return Problem(
        "aws_expired",
        "Your AWS credentials have expired",
        "you",
        f"Run `aws sso login{profile}` (or get new keys the way you got these), then try again.",
    )


def _permission(text: str, situation: Situation) -> Problem:
    action = _action(text)
    return Problem(
        "aws_no_permission",
        f"Your AWS user may not {action}" if action else "Your AWS user may not do this",
        "AWS",
        f"Ask whoever manages the account for the right “{action}”, or use another profile."
        if action
        else "Ask whoever manages the account for more rights, or use another profile.",
    )


def _action(text: str) -> str:
    """`iam:CreateRole`, or as much as the words tell."""
    if found := _ACTION.search(text):
        return found[1]
    if found := _PROVIDERS_OPERATION.search(text):
        return f"{found[1].lower().replace(' ', '')}:{found[2]}"
    found = _BOTOCORES_OPERATION.search(text)
    return found[1] if found else ""


def _region(text: str, situation: Situation) -> Problem:
    found = _QUOTED_REGION.search(text)
    region = situation.region or (found and (found[1] or found[2])) or "that name"
    return Problem(
        "aws_unknown_region",
        f"There is no AWS region “{region}”, or it is not enabled in this account",
        "you",
        "Use one such as eu-central-1, or enable it in the account's settings.",
    )


def _taken(_: str, situation: Situation) -> Problem:
    name = f"named “{situation.deployment}” " if situation.deployment else ""
    return Problem(
        "deployment_name_taken",
        f"Something {name}is in this account and region already, and was not made from here",
        "you",
        "Choose another --name. If it is a Hatchway backend of your team: `hatchway backends discover`.",
    )


def _fixed(code: str, title: str, side: str, hint: str) -> Callable[[str, Situation], Problem]:
    problem = Problem(code, title, side, hint)  # type: ignore[arg-type]
    return lambda _text, _situation: problem


# The first that fits: what is more special comes first.
_RULES: Final[tuple[tuple[re.Pattern[str], Callable[[str, Situation], Problem]], ...]] = tuple(
    (re.compile(pattern), problem)
    for pattern, problem in (
        (r"ProfileNotFound|failed to get shared config profile", lambda _, it: Problem(
            "aws_unknown_profile",
            f"The AWS configuration has no profile “{it.credentials}”",
            "you",
            "`aws configure list-profiles` shows those it has.",
        )),
        (r"ConfigParseError|ValueError: Invalid endpoint", lambda text, _: Problem(
            "aws_bad_configuration",
            f"The AWS configuration of this computer cannot be used: {text.partition(': ')[2]}"[:300],
            "you",
            "Check ~/.aws/config and the variables that begin with AWS_ (`aws configure list`).",
        )),
        (r"RequestTimeTooSkewed|Signature (expired|not yet current)", _fixed(
            "aws_clock",
            "The clock of this computer is wrong, so AWS refuses its signatures",
            "you",
            "Let the system set its time by itself, then try again.",
        )),
        (r"ExpiredToken|RequestExpired|TokenRetrievalError|UnauthorizedSSOToken|SSOTokenLoadError|InvalidGrantException|"
         r"(?i:token (has|is) expired)|token included in the request is expired|Error loading SSO Token|"
         r"refresh cached SSO token failed|LoginRefreshRequired", _expired),
        (r"NoCredentialsError|No valid credential sources found|PartialCredentials|CredentialRetrievalError|"
         r"NoAuthTokenError", _no_credentials),
        (r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|InvalidAccessKeyId|AuthFailure",
         _fixed(
             "aws_bad_credentials",
             "AWS does not know these credentials",
             "you",
             "Check the keys of this profile (`aws sts get-caller-identity`); they may have been deleted.",
         )),
        (r"NoRegionError|[Mm]issing (AWS )?[Rr]egion|invalid AWS Region: *$", _fixed(
            "aws_no_region",
            "No AWS region is chosen",
            "you",
            "Use --region, such as --region eu-central-1, or set one with `aws configure`.",
        )),
        (r"[Ii]nvalid AWS Region|InvalidRegionError|OptInRequired|Could not resolve the endpoint", _region),
        # Before the rights: an account's policy may say "explicit deny" in words of its own.
        (r"LimitExceeded|Quota|TooMany\w+(Bucket|Distribution|Rule)|TooManyBuckets|limit(s)? (of|for) .* exceeded",
         lambda text, _: Problem(
             "aws_quota",
             f"The account is at one of its limits: {_last_words(text)}",
             "AWS",
             "Ask for more in the AWS console under Service Quotas, or remove what is not needed, then go on.",
         )),
        (r"AccessDenied|UnauthorizedOperation|not authorized to perform|NotAuthorized|ForbiddenException", _permission),
        (r"BucketNotEmpty", _fixed(
            "bucket_not_empty",
            "The bucket got new bodies while it was taken down",
            "AWS",
            "Stop the tunnels of this backend, then take it down again: it goes on where it stopped.",
        )),
        (r"protected against deletion|deletion protection", _fixed(
            "table_protected",
            "The table is protected against deletion",
            "you",
            "Switch “Deletion protection” of the table off in the AWS console, then take the backend down again.",
        )),
        (r"ResourceInUseException: Table already exists|EntityAlreadyExists|AlreadyExistsException|"
         r"ResourceConflictException: Function already exist|Function already exist|already exists?\b", _taken),
        (r"EndpointConnectionError|ConnectTimeout|ConnectionClosedError|ReadTimeout|ProxyConnectionError|SSLError|"
         r"HTTPClientError|request send failed|dial tcp|no such host|i/o timeout|TLS handshake", _fixed(
             "aws_unreachable",
             "AWS cannot be reached from this computer",
             "network",
             "Check the network, VPN and proxy (HTTPS_PROXY), then try again.",
         )),
        (r"Throttling|TooManyRequests|RequestLimitExceeded|SlowDown|ServiceUnavailable|InternalFailure|InternalError",
         _fixed("aws_busy", "AWS answers too many of these calls, or has a fault", "AWS", "Try again in a minute.")),
    )
)  # fmt: skip


def _last_words(text: str) -> str:
    """The end of the chain of causes, which is what AWS itself said."""
    said = _CAUSE.split(text.strip())[-1].splitlines()
    return said[0][:200].rstrip(".") if said else ""
