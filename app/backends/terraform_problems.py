"""Why Terraform stopped, as a problem with its next step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.backends.aws_problems import Situation, recognise
from app.backends.terraform_events import Diagnostic
from app.domain.deployment import Step
from app.domain.problems import Problem, Side

_GO_ON: Final = "What was made is kept: run it again, and it goes on from there."
_FIRST_SENTENCE = re.compile(r"^.*?[.](?=\s|$)", re.DOTALL)

# (words of Terraform's, code, title, side, hint); the first that fits.
_RULES: Final[tuple[tuple[str, str, str, Side, str], ...]] = (
    (
        r"acquiring the state lock|state blob is already locked",
        "deployment_locked",
        "Terraform works on this deployment already",
        "you",
        "Wait until the other one (another window, a command) has ended, then try again.",
    ),
    (
        r"Unsupported Terraform Core version|Unsupported OpenTofu Core version",
        "terraform_old",
        "This Terraform is too old",
        "you",
        "Install a newer one: https://developer.hashicorp.com/terraform/install",
    ),
    (
        r"state snapshot was created by|Unsupported state file format|newer than current",
        "terraform_old",
        "A newer Terraform has worked on this deployment",
        "you",
        "Install at least that version here as well.",
    ),
    (
        r"no space left on device",
        "disk_full",
        "The disk is full",
        "you",
        "The AWS provider needs about 700 MB. Make room, then try again.",
    ),
    (
        r"[Ff]ailed to query available provider packages|could not connect to registry|Failed to install provider|"
        r"Required plugins are not installed|Inconsistent dependency lock file|registry service is unreachable",
        "provider_download",
        "Terraform cannot download its AWS provider",
        "network",
        "It comes from the Terraform registry, once (more than 100 MB). Check the network and the proxy (HTTPS_PROXY), "
        "then try again.",
    ),
    (
        r"Saved plan is stale|plan file can no longer be applied",
        "plan_stale",
        "Something has changed since this plan was made",
        "you",
        "Plan again.",
    ),
    (
        r"operation canceled|execution halted|Operation interrupted|interrupt received|context canceled",
        "deploy_stopped",
        "Stopped",
        "you",
        _GO_ON,
    ),
)


def problem_of(diagnostics: Sequence[Diagnostic], said: str, step: Step, situation: Situation) -> Problem:
    """diagnostics: errors, in their order; said: the end of what Terraform wrote, for when there are none"""
    texts = [str(each) for each in diagnostics] or [said]
    for text in texts:
        problem = _recognise(text, situation)
        if problem is not None:
            return _with_way_on(problem, step)
    title = diagnostics[0].summary if diagnostics else (said.strip().splitlines() or ["Terraform failed"])[-1]
    detail = diagnostics[0].detail.splitlines()[0] if diagnostics and diagnostics[0].detail else ""
    hint = f"{detail[:400]} The log in the deployment's folder says more.".strip()
    return _with_way_on(Problem("deploy_failed", title[:400].rstrip("."), "AWS", hint), step)


def _recognise(text: str, situation: Situation) -> Problem | None:
    if "Invalid value for variable" in text:
        reason = text.partition("Invalid value for variable: ")[2]
        sentence = _FIRST_SENTENCE.match(reason)
        title = (sentence[0] if sentence else reason).strip().rstrip(".")
        return Problem("bad_deploy_option", title[:1].upper() + title[1:], "you")
    for pattern, code, title, side, hint in _RULES:
        if re.search(pattern, text):
            return Problem(code, title, side, hint)
    return recognise(text, situation)


def _with_way_on(problem: Problem, step: Step) -> Problem:
    if step not in ("apply", "destroy") or _GO_ON in problem.hint:
        return problem
    return Problem(problem.code, problem.title, problem.side, f"{problem.hint} {_GO_ON}".strip())
