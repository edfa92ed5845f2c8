"""Who may connect as an agent: a token of Hatchway's own, which stands in the table, or one of an identity provider."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.connection_table import ConnectionTable
from backend_lambda.adapters.metrics import emit_refusal, emit_socket
from backend_lambda.adapters.patience import is_temporary, patiently
from backend_lambda.adapters.settings import Settings
from backend_lambda.adapters.tokens.errors import BadToken, KeysUnavailable

if TYPE_CHECKING:
    from backend_lambda.adapters.tokens.verifier import JwtVerifier

_log = logging.getLogger(__name__)


class NotAdmitted(Exception):
    """The handshake is refused with this status, which is all that the gateway tells the other side. 401: the token;
    403: a browser; 424: keys of tokens cannot be had; 503: AWS throttles or fails; 500: we do.

    side: whose fault it is, as on the dashboard: `agent`, `aws`, `keys` (the identity provider's), `relay` (ours)
    """

    def __init__(self, status: int, side: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.side = side


class Admission:
    """jwt: None if the deployment takes no tokens of an identity provider; deployment: its name, for metrics"""

    def __init__(self, table: ConnectionTable, jwt: JwtVerifier | None, deployment: str) -> None:
        self._table = table
        self._jwt = jwt
        self._deployment = deployment

    async def open(self, connection_id: str, headers: Mapping[str, str]) -> int:
        """Judge a handshake by its headers (names in lower case) and remember whose connection it is; the status."""
        try:
            principal = await self._principal(headers)
            await patiently(lambda: self._table.opened(connection_id, principal))
        except NotAdmitted as refusal:
            return self._refused(refusal)
        except Exception as error:
            if is_temporary(error):
                return self._refused(NotAdmitted(503, "aws", f"AWS: {code_of(error) or type(error).__name__}"))
            _log.exception("an agent's connection could not be opened")
            return self._refused(NotAdmitted(500, "relay", type(error).__name__))
        return 200

    def count_visitor(self, status: int) -> None:
        """A visitor's WebSocket, which needs no token, was answered so. What a service or an offline agent refuses is
        no failure of letting in."""
        if 200 <= status < 300:
            emit_socket(self._deployment)
        elif status in (500, 503):
            emit_refusal(self._deployment, "aws" if status == 503 else "relay")

    async def _principal(self, headers: Mapping[str, str]) -> str:
        # Agents are programs. A browser always sends Origin on WebSockets, so no page can pose as an agent.
        if "origin" in headers:
            raise NotAdmitted(403, "agent", "a browser")
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        token = rest.strip()
        if scheme.lower() != "bearer" or not token:
            raise NotAdmitted(401, "agent", "no token")
        # Hatchway's own tokens have no dots.
        if self._jwt is not None and token.count(".") == 2:
            return self._of_provider(self._jwt, token)
        principal = await patiently(lambda: self._table.principal(token))
        if principal is None:
            raise NotAdmitted(401, "agent", "unknown or expired token")
        return principal

    def _of_provider(self, jwt: JwtVerifier, token: str) -> str:
        try:
            return jwt.principal(token)
        except BadToken as error:
            raise NotAdmitted(401, "agent", f"JWT: {error}") from None
        except KeysUnavailable as error:
            raise NotAdmitted(424, "keys", f"JWT cannot be judged: {error}") from None

    def _refused(self, refusal: NotAdmitted) -> int:
        level = logging.INFO if refusal.side == "agent" else logging.WARNING
        _log.log(level, "agent not admitted status=%d side=%s reason=%s", refusal.status, refusal.side, refusal)
        emit_refusal(self._deployment, refusal.side)
        return refusal.status


def make_admission(table: ConnectionTable, settings: Settings, ssm: Callable[[], Any]) -> Admission:
    """ssm: makes the client, when needed. Raises NotConfigured."""
    verifier = None
    if settings.jwt:
        from backend_lambda.adapters.tokens.verifier import make_verifier

        verifier = make_verifier(settings.jwt, ssm)
    return Admission(table, verifier, settings.deployment)
