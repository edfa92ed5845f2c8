"""Who may say what, when: the connection and the exchange as state tables, and the little code that walks them.

Each table maps (state, type of the message) to (next state, outcome); a pair that is missing is a violation.
Late and duplicate messages are normal on a network that retries and does not order, so they are IGNOREd;
only what cannot come from a correct peer is a violation. Why DRAINING takes everything that READY takes: the
running exchanges must be able to finish; only new requests stop.
"""

from __future__ import annotations

import enum

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.errors import ProtocolError


class ConnectionState(enum.Enum):
    """One WebSocket connection, the same words on both sides."""

    OPENED = enum.auto()  # connected, hello not yet sent (agent) or received (backend)
    GREETED = enum.auto()  # hello is there, welcome is not
    READY = enum.auto()
    DRAINING = enum.auto()  # goodbye or superseded: running exchanges finish, no new ones
    CLOSED = enum.auto()


class Outcome(enum.Enum):
    """What to do with a message that is allowed."""

    ACCEPT = enum.auto()
    HOLD = enum.auto()  # came before the message it depends on: keep it (bounded)
    IGNORE = enum.auto()  # duplicate or late: drop it silently


_S = ConnectionState
_OK, _HOLD, _DROP = Outcome.ACCEPT, Outcome.HOLD, Outcome.IGNORE

BACKEND_RECEIVES: dict[tuple[ConnectionState, type], tuple[ConnectionState, Outcome]] = {
    (_S.OPENED, m.Hello): (_S.GREETED, _OK),
    (_S.OPENED, m.Ping): (_S.OPENED, _OK),
    (_S.OPENED, m.Goodbye): (_S.CLOSED, _OK),
    (_S.GREETED, m.Hello): (_S.GREETED, _DROP),  # the agent repeats hello while welcome is on its way
    (_S.GREETED, m.Ping): (_S.GREETED, _OK),
    (_S.GREETED, m.Goodbye): (_S.CLOSED, _OK),
    (_S.READY, m.Hello): (_S.READY, _DROP),
    (_S.READY, m.Goodbye): (_S.DRAINING, _OK),
    (_S.DRAINING, m.Hello): (_S.DRAINING, _DROP),
    (_S.DRAINING, m.Goodbye): (_S.DRAINING, _DROP),
} | {
    (state, kind): (state, _OK)
    for state in (_S.READY, _S.DRAINING)
    for kind in (m.Ping, m.Response, m.Data, m.End, m.Window, m.Error)
}

AGENT_RECEIVES: dict[tuple[ConnectionState, type], tuple[ConnectionState, Outcome]] = {
    (_S.GREETED, m.Welcome): (_S.READY, _OK),
    (_S.GREETED, m.Error): (_S.CLOSED, _OK),
    (_S.GREETED, m.Pong): (_S.GREETED, _OK),
    (_S.OPENED, m.Error): (_S.CLOSED, _OK),
    (_S.OPENED, m.Pong): (_S.OPENED, _OK),
    (_S.READY, m.Welcome): (_S.READY, _DROP),
    (_S.READY, m.Request): (_S.READY, _OK),
    (_S.READY, m.Superseded): (_S.DRAINING, _OK),
    (_S.DRAINING, m.Welcome): (_S.DRAINING, _DROP),
    # Sent before the backend knew that we drain: answer it, nobody else will.
    (_S.DRAINING, m.Request): (_S.DRAINING, _OK),
    (_S.DRAINING, m.Superseded): (_S.DRAINING, _DROP),
} | {
    (state, kind): (state, _OK)
    for state in (_S.READY, _S.DRAINING)
    for kind in (m.Pong, m.Data, m.End, m.Window, m.Cancel, m.Report, m.Leak, m.Error)
}
# The claim is visible to visitors a moment before `welcome` is on its way, so a request can overtake it.
AGENT_RECEIVES |= {
    (_S.GREETED, kind): (_S.GREETED, _HOLD)
    for kind in (m.Request, m.Data, m.End, m.Window, m.Cancel, m.Superseded, m.Report, m.Leak)
}


class ConnectionSession:
    """The state of one connection; feed it every message received. One class, two tables."""

    __slots__ = ("_table", "state")

    def __init__(self, table: dict[tuple[ConnectionState, type], tuple[ConnectionState, Outcome]]) -> None:
        self._table = table
        self.state = ConnectionState.OPENED

    def receive(self, message: m.Message) -> Outcome:
        """Move on; raises ProtocolError `out_of_order` for a message that must not come now."""
        step = self._table.get((self.state, type(message)))
        if step is None:
            raise ProtocolError("out_of_order", f"{type(message).__name__} while {self.state.name}")
        self.state, outcome = step
        return outcome


class ReplyState(enum.Enum):
    """The answer to one request, as the backend sees it."""

    AWAITING = enum.auto()
    STREAMING = enum.auto()
    DONE = enum.auto()


_R = ReplyState

REPLY: dict[tuple[ReplyState, type], tuple[ReplyState, Outcome]] = {
    (_R.AWAITING, m.Response): (_R.STREAMING, _OK),  # DONE at once if it carries `end`
    (_R.AWAITING, m.Data): (_R.AWAITING, _HOLD),
    (_R.AWAITING, m.End): (_R.AWAITING, _HOLD),
    (_R.AWAITING, m.Error): (_R.DONE, _OK),
    (_R.AWAITING, m.Window): (_R.AWAITING, _OK),
    (_R.STREAMING, m.Response): (_R.STREAMING, _DROP),
    (_R.STREAMING, m.Data): (_R.STREAMING, _OK),
    (_R.STREAMING, m.End): (_R.STREAMING, _OK),  # DONE when the sequencer hands it on
    (_R.STREAMING, m.Error): (_R.DONE, _OK),
    (_R.STREAMING, m.Window): (_R.STREAMING, _OK),
    (_R.DONE, m.Response): (_R.DONE, _DROP),
    (_R.DONE, m.Data): (_R.DONE, _DROP),
    (_R.DONE, m.End): (_R.DONE, _DROP),
    (_R.DONE, m.Error): (_R.DONE, _DROP),
    (_R.DONE, m.Window): (_R.DONE, _DROP),
}


class RequestState(enum.Enum):
    """The body of one request, as the agent sees it."""

    OPEN = enum.auto()  # data and end follow
    COMPLETE = enum.auto()
    CANCELLED = enum.auto()


_Q = RequestState

REQUEST: dict[tuple[RequestState, type], tuple[RequestState, Outcome]] = {
    (_Q.OPEN, m.Request): (_Q.OPEN, _DROP),  # delivered twice: answer once
    (_Q.OPEN, m.Data): (_Q.OPEN, _OK),
    (_Q.OPEN, m.End): (_Q.OPEN, _OK),  # COMPLETE when the sequencer hands it on
    (_Q.OPEN, m.Window): (_Q.OPEN, _OK),
    (_Q.OPEN, m.Cancel): (_Q.CANCELLED, _OK),
    (_Q.OPEN, m.Error): (_Q.CANCELLED, _OK),
    (_Q.COMPLETE, m.Request): (_Q.COMPLETE, _DROP),
    (_Q.COMPLETE, m.Data): (_Q.COMPLETE, _DROP),
    (_Q.COMPLETE, m.End): (_Q.COMPLETE, _DROP),
    (_Q.COMPLETE, m.Window): (_Q.COMPLETE, _OK),
    (_Q.COMPLETE, m.Cancel): (_Q.CANCELLED, _OK),
    (_Q.COMPLETE, m.Error): (_Q.CANCELLED, _OK),
    (_Q.CANCELLED, m.Request): (_Q.CANCELLED, _DROP),
    (_Q.CANCELLED, m.Data): (_Q.CANCELLED, _DROP),
    (_Q.CANCELLED, m.End): (_Q.CANCELLED, _DROP),
    (_Q.CANCELLED, m.Window): (_Q.CANCELLED, _DROP),
    (_Q.CANCELLED, m.Cancel): (_Q.CANCELLED, _DROP),
    (_Q.CANCELLED, m.Error): (_Q.CANCELLED, _DROP),
}
