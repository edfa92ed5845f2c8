"""`Push` by the WebSocket API's callback: each message is one post to a connection."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from backend_lambda.adapters.clients import code_of
from backend_lambda.adapters.patience import is_temporary
from backend_lambda.core.ports import ConnectionGone, Throttled
from backend_lambda.protocol.codec import encode
from backend_lambda.protocol.messages import BackendMessage, Welcome

_PAUSES: Final = (0.1, 0.2, 0.4)  # seconds; also how long a fresh connection may not take posts yet


class CallbackPush:
    """client: `apigatewaymanagementapi`"""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(self, connection_id: str, message: BackendMessage) -> None:
        """Raises ConnectionGone (410), Throttled (429: too many posts, or the agent takes nothing any more)."""
        wire = encode(message, binary=False)
        data = wire if isinstance(wire, bytes) else wire.encode()
        # 410 is final for any other message; the agent of a welcome has just asked for it.
        again = {"LimitExceededException"}
        if isinstance(message, Welcome):
            again.add("GoneException")
        in_doubt = False  # whether a post may have arrived without us being told
        for pause in (*_PAUSES, None):
            try:
                self._client.post_to_connection(ConnectionId=connection_id, Data=data)
                return
            except Exception as caught:
                error, code = caught, code_of(caught)
                if in_doubt and (pause is None or code == "GoneException"):
                    return  # what the agent has taken it answers, and must not get once more by its next connection
                if pause is None or not (code in again or is_temporary(error)):
                    if code == "GoneException":
                        raise ConnectionGone(connection_id) from None
                    if code == "LimitExceededException":
                        raise Throttled(connection_id) from None
                    raise
            if not code and not in_doubt and _may_have_arrived(error):
                # Most likely a pooled connection that died while the environment was frozen. Agents know requests by
                # their ids, and parts by their numbers: what arrives twice is taken once.
                in_doubt, pause = True, 0.0
            await asyncio.sleep(pause)

    async def close(self, connection_id: str) -> None:
        try:
            self._client.delete_connection(ConnectionId=connection_id)
        except Exception as error:
            if code_of(error) != "GoneException":
                raise


def _may_have_arrived(error: Exception) -> bool:
    """Whether a call that failed without an answer had been sent."""
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

    return not isinstance(error, ConnectTimeoutError | EndpointConnectionError)
