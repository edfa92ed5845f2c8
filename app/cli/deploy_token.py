"""`hatchway deploy token create|list|revoke`: who may connect to a deployment."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import datetime
from pathlib import Path

from app.cli.deploy_lines import token_fields, token_line
from app.cli.output import Output, printable
from app.domain.deployment import BackendToken, Deployment
from app.domain.problems import fail
from app.engine.backends import LiveBackends


async def create(options: argparse.Namespace, backends: LiveBackends, output: Output, _: asyncio.Event) -> None:
    """Print the token, or write it into a file; nobody can read it again."""
    deployment = await _deployment(options, backends)
    file: Path | None = options.output
    if file is not None:
        await asyncio.to_thread(_reserve, file)  # before there is a token to lose
    token = await backends.deployer.mint_token(deployment, options.token_name, options.profile)
    if file is None:
        output.event({"event": "token.created", "name": options.token_name, "token": token})
        output.text(token)
        return
    await asyncio.to_thread(file.write_text, f"{token}\n", "ascii")
    output.event({"event": "token.created", "name": options.token_name, "file": str(file)})
    output.text(printable(f"Written to {file}. Use it with: hatchway http 3000 --relay {deployment.agent_url} "
                          f"--token-file {file}"))  # fmt: skip


async def list_all(options: argparse.Namespace, backends: LiveBackends, output: Output, _: asyncio.Event) -> None:
    """Names, dates and the beginning of the digests."""
    tokens = await backends.deployer.tokens(await _deployment(options, backends), options.profile)
    for token in tokens:
        output.event({"event": "token", **token_fields(token)})
        output.text(token_line(token, _dates(token)))
    if not tokens:
        output.text("No tokens. Make one with: hatchway deploy token create WHOSE")


async def revoke(options: argparse.Namespace, backends: LiveBackends, output: Output, _: asyncio.Event) -> None:
    """By name, all of that name; or one by the beginning of its digest."""
    deployment = await _deployment(options, backends)
    whose: str = options.token_name
    tokens = await backends.deployer.tokens(deployment, options.profile)
    found = [each for each in tokens if each.name == whose]
    if not found:
        found = [each for each in tokens if len(whose) >= 8 and each.digest.startswith(whose)]
    if not found:
        raise fail(
            "no_token", f"“{deployment.name}” has no token “{whose}”", "you", "`hatchway deploy token list` has all."
        )  # fmt: skip
    for token in found:
        await backends.deployer.revoke_token(deployment, token.digest, options.profile)
        output.event({"event": "token.revoked", **token_fields(token)})
        output.text(printable(f"Revoked: {token.name}. Connections with it end within two hours."))


async def _deployment(options: argparse.Namespace, backends: LiveBackends) -> Deployment:
    """By its name: one that was made here, or one in the account."""
    deployer = backends.deployer
    managed = [each for each in await deployer.managed() if each.name == options.name and each.complete]
    here = [each for each in managed if options.region in ("", each.region)]
    if len(here) == 1:
        return here[0]
    found = [each for each in await deployer.discover(options.profile, options.region) if each.name == options.name]
    if not found:
        raise fail(
            "no_deployment",
            f"There is no deployment “{options.name}” in this account and region",
            "you",
            "`hatchway backends discover` shows those there are; --region and --profile say where to look.",
        )
    return found[0]


def _reserve(file: Path) -> None:
    """An empty file that only the user may read."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise fail(
            "file_not_written", f"{file} cannot be written ({error.strerror or error})", "you", "Choose another file."
        ) from error


def _dates(token: BackendToken) -> str:
    made = f"made {_day(token.created)}" if token.created else ""
    ends = f"until {_day(token.expires)}" if token.expires else ""
    return ", ".join(filter(None, (made, ends)))


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d")
