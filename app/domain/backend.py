"""Where tunnels can run: the relay of this computer, a relay elsewhere, or a backend in an AWS account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

EMBEDDED: Final = "embedded"
"""The id of this computer's own relay, which needs no profile."""

BackendKind = Literal["relay", "aws"]


@dataclass(frozen=True, slots=True)
class BackendProfile:
    """A backend that the user has set up. Its token is in the keyring, below the id.

    id: stable key inside this installation; tunnels name it
    name: what the user calls it
    agent_url: the WebSocket address of agents, `wss://…`
    public_url: base of the path URLs, without a slash at the end; "" if it is not known yet
    deployment, region, account: of kind `aws`, as Terraform made it
    credentials: name of the profile in the AWS configuration, "" for the usual chain
    """

    id: str
    name: str
    kind: BackendKind
    agent_url: str
    public_url: str = ""
    deployment: str = ""
    region: str = ""
    account: str = ""
    credentials: str = ""
