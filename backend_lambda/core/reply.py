"""Turns the messages of one reply, in whatever order they arrive, into the frames the forwarder reads."""

from __future__ import annotations

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.limits import MAX_HELD
from backend_lambda.protocol.messages import Data, End, Error, Response
from backend_lambda.protocol.sequence import Sequencer
from backend_lambda.protocol.session import REPLY, Outcome, ReplyState

Frame = Response | Data | End | Error


class ReplyAssembler:
    """Sans-I/O; one per request. Every adapter of `ReplyBox` feeds one."""

    __slots__ = ("_held", "_sequencer", "state")

    def __init__(self) -> None:
        self.state = ReplyState.AWAITING
        self._held: list[Data | End] = []
        self._sequencer: Sequencer | None = None

    def feed(self, message: Frame) -> list[Frame]:
        """The frames that are ready now. Raises ProtocolError if the agent breaks the protocol."""
        self.state, outcome = REPLY[self.state, type(message)]
        if outcome is Outcome.IGNORE:
            return []
        if isinstance(message, Response):
            if message.end:
                if self._held:
                    raise ProtocolError("out_of_order", "data for a complete response")
                self.state = ReplyState.DONE
                return [message]
            self._sequencer = Sequencer()
            ready: list[Frame] = [message]
            for held in self._held:
                ready += self._next(held)
            self._held.clear()
            return ready
        if outcome is Outcome.HOLD:
            if len(self._held) >= MAX_HELD:
                raise ProtocolError("out_of_order", "data without response")
            assert isinstance(message, Data | End)
            self._held.append(message)
            return []
        if isinstance(message, Error):
            return [message]
        return self._next(message)

    @property
    def held_bytes(self) -> int:
        """Bytes of bodies that wait for an earlier message."""
        if self._sequencer is not None:
            return self._sequencer.held_bytes
        return sum(len(message.body) for message in self._held if isinstance(message, Data))

    def _next(self, message: Data | End) -> list[Frame]:
        assert self._sequencer is not None
        ready = self._sequencer.accept(message)
        if ready and isinstance(ready[-1], End):
            self.state = ReplyState.DONE
        return list(ready)
