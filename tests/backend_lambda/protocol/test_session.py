"""The state tables: every pair of state and message has a defined outcome or is a violation, nothing in between."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.session import (
    AGENT_RECEIVES,
    BACKEND_RECEIVES,
    REPLY,
    REQUEST,
    ConnectionSession,
    ConnectionState,
    Outcome,
    ReplyState,
    RequestState,
)

S = ConnectionState
FROM_AGENT = m.AgentMessage.__args__
FROM_BACKEND = m.BackendMessage.__args__
ALL = tuple(dict.fromkeys((*FROM_AGENT, *FROM_BACKEND)))
EXAMPLES: dict[type, m.Message] = {
    m.Hello: m.Hello("shop", "secret", m.TunnelOptions("http://localhost:3000")),
    m.Ping: m.Ping("1"),
    m.Pong: m.Pong("1"),
    m.Request: m.Request("r1", "GET", "/", []),
    m.Response: m.Response("r1", 200, []),
    m.Data: m.Data("r1", 0, b""),
    m.End: m.End("r1", 0),
    m.Window: m.Window("r1", 1),
    m.Error: m.Error("r1", "upstream_refused"),
    m.Cancel: m.Cancel("r1"),
    m.Goodbye: m.Goodbye(),
    m.Superseded: m.Superseded(2),
    m.Report: m.Report("r1", "html", ["L0"], {"url": 1}),
    m.Leak: m.Leak("GET", "/", "/page"),
}
TABLES = {"backend": (BACKEND_RECEIVES, FROM_AGENT), "agent": (AGENT_RECEIVES, FROM_BACKEND)}

# (side, state) → messages that break the protocol there. Everything else a peer may send has an outcome.
VIOLATIONS = {
    ("backend", S.OPENED): {m.Response, m.Data, m.End, m.Window, m.Error},
    ("backend", S.GREETED): {m.Response, m.Data, m.End, m.Window, m.Error},
    ("backend", S.READY): set(),
    ("backend", S.DRAINING): set(),
    ("backend", S.CLOSED): set(FROM_AGENT),
    ("agent", S.OPENED): set(FROM_BACKEND) - {m.Pong, m.Error},
    ("agent", S.GREETED): set(),
    ("agent", S.READY): set(),
    ("agent", S.DRAINING): set(),
    ("agent", S.CLOSED): set(FROM_BACKEND),
}  # fmt: skip


@pytest.mark.parametrize("state", ConnectionState, ids=lambda state: state.name)
@pytest.mark.parametrize("side", TABLES)
def test_every_message_is_defined_or_a_violation(side: str, state: ConnectionState) -> None:
    table, allowed = TABLES[side]
    defined = {kind for at, kind in table if at is state}
    assert defined == set(allowed) - VIOLATIONS[side, state]


@pytest.mark.parametrize("side", TABLES)
def test_draining_takes_all_that_ready_takes_and_starts_nothing_anew(side: str) -> None:
    table, allowed = TABLES[side]
    for kind in allowed:
        after, outcome = table[S.DRAINING, kind]
        assert after is S.DRAINING
        ready_after, ready_outcome = table[S.READY, kind]
        if ready_after is S.READY:
            assert outcome is ready_outcome
        else:  # what leads from READY to DRAINING means nothing a second time
            assert (ready_after, outcome) == (S.DRAINING, Outcome.IGNORE)


@pytest.mark.parametrize("side", TABLES)
def test_a_connection_never_goes_back(side: str) -> None:
    order = list(ConnectionState)
    for (before, _), (after, outcome) in TABLES[side][0].items():
        assert order.index(after) >= order.index(before)
        if outcome is not Outcome.ACCEPT:
            assert after is before


def test_what_overtakes_the_welcome_is_held() -> None:
    held = {kind for (at, kind), (_, outcome) in AGENT_RECEIVES.items() if at is S.GREETED and outcome is Outcome.HOLD}
    assert held == {m.Request, m.Data, m.End, m.Window, m.Cancel, m.Superseded, m.Report, m.Leak}


@pytest.mark.parametrize(("table", "states", "kinds"), [
    (REPLY, ReplyState, {m.Response, m.Data, m.End, m.Error, m.Window}),
    (REQUEST, RequestState, {m.Request, m.Data, m.End, m.Window, m.Cancel, m.Error}),
], ids=["reply", "request"])  # fmt: skip
def test_exchanges_are_total_and_their_last_state_ignores_everything(
    table: dict[tuple[ReplyState | RequestState, type], tuple[ReplyState | RequestState, Outcome]],
    states: type[ReplyState | RequestState],
    kinds: set[type],
) -> None:
    assert set(table) == {(state, kind) for state in states for kind in kinds}
    last = list(states)[-1]
    assert all(table[last, kind] == (last, Outcome.IGNORE) for kind in kinds)
    assert all(after is before for (before, _), (after, outcome) in table.items() if outcome is not Outcome.ACCEPT)


class _Walk(RuleBasedStateMachine):
    """Any sequence of messages, correct or not: the session follows its table, a violation changes nothing."""

    side = ""

    def __init__(self) -> None:
        super().__init__()
        self.table, _ = TABLES[self.side]
        self.session = ConnectionSession(self.table)
        self.drained = self.closed = False

    @rule(kind=st.sampled_from(ALL))
    def receive(self, kind: type) -> None:
        before = self.session.state
        if kind is m.Welcome:
            message: m.Message = _WELCOME
        else:
            message = EXAMPLES[kind]
        expected = self.table.get((before, kind))
        if expected is None:
            with pytest.raises(ProtocolError) as raised:
                self.session.receive(message)
            assert raised.value.code == "out_of_order"
            assert before.name in raised.value.detail
            assert self.session.state is before
        else:
            assert self.session.receive(message) is expected[1]
            assert self.session.state is expected[0]

    @precondition(lambda self: self.session.state is (S.GREETED if self.side == "backend" else S.OPENED))
    @rule()
    def move_on_by_itself(self) -> None:
        # What no message of the other side causes: the agent says hello, the backend has sent welcome.
        self.session.state = S.READY if self.side == "backend" else S.GREETED

    @invariant()
    def there_is_no_way_back(self) -> None:
        state = self.session.state
        assert not self.closed or state is S.CLOSED
        assert not self.drained or state in (S.DRAINING, S.CLOSED)
        self.closed |= state is S.CLOSED
        self.drained |= state is S.DRAINING


_WELCOME = m.Welcome("shop", 1, "http://127.0.0.1/shop/", None, "computer", m.Limits(1024, 0, 1, None, 1, 1, None))


class BackendWalk(_Walk):
    side = "backend"


class AgentWalk(_Walk):
    side = "agent"


TestBackendWalk = BackendWalk.TestCase
TestAgentWalk = AgentWalk.TestCase
