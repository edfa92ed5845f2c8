"""`ReplyBox` by reading the table into which the gateway writes agents' replies (protocol/slots.py).

Nothing tells the waiting function that a reply is there, so it looks: first when this agent's answers usually come,
then at growing intervals. A look costs as much as 9 ms of waiting, so both are kept few.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from backend_lambda.adapters.metrics import Tally
from backend_lambda.adapters.patience import is_temporary
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.core.reply import Frame, ReplyAssembler
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Data, End, Error, Response
from backend_lambda.protocol.slots import open_envelope, slot_of

_EARLIEST: Final = 0.015  # seconds after the post: sooner nobody has answered and the gateway has not written
_STEP: Final = 0.020
_GROWTH: Final = 1.5
_LONGEST: Final = 0.5
_QUIET: Final = 10.0  # seconds of a pause in an answer after which it is asked whether the agent is still there
_LEARNT: Final = 1000  # agents whose service times are remembered
_WEIGHT: Final = 0.6  # of the newest service time
_LATER: Final = (0.1, 0.5, 0.8)  # if it is much longer, once, twice, more often: one large body says little


class PollSchedule:
    """When to look, learnt from one agent's answers. Times are seconds since the request was posted."""

    def __init__(self) -> None:
        self._usual: float | None = None
        self._later = 0  # answers in a row that took longer than usual
        self._hits = 0  # answers in a row that were there at the first look

    def first(self) -> float:
        """The first look."""
        return _EARLIEST if self._usual is None else max(_EARLIEST, self._usual)

    def pauses(self) -> PollPauses:
        """The pauses after it."""
        return PollPauses()

    def learn(self, taken: float, first_look: bool) -> None:
        """An answer was found after so long. first_look: it may have been there for a while, so look sooner next
        time, a little; and much sooner if that is so again."""
        self._hits = self._hits + 1 if first_look else 0
        if self._hits:
            self._usual = max(taken * 0.85, taken - _STEP) if self._hits == 1 else taken * 0.6
            self._later = 0
            return
        if self._usual is None:
            self._usual = taken
            return
        self._later = self._later + 1 if taken > 1.5 * self._usual else 0
        weight = _LATER[min(self._later, len(_LATER)) - 1] if self._later else _WEIGHT
        self._usual += weight * (taken - self._usual)


class PollPauses:
    """Grow from one step to half a second."""

    def __init__(self) -> None:
        self._next = _STEP

    def __next__(self) -> float:
        pause, self._next = self._next, min(self._next * _GROWTH, _LONGEST)
        return pause


class PolledReply:
    """The reply to one request."""

    def __init__(self, box: PollingReplyBox, connection_id: str, request_id: str) -> None:
        self._box = box
        self._connection_id = connection_id
        self._id = request_id
        self._assembler = ReplyAssembler()
        self._frames: deque[Frame] = deque()
        self._begun = False
        self._looks = 0
        self._from = 0  # number of the first message after the head that has not been read
        self._hole_since: float | None = None  # loop time since when a later message is there than the next one
        self._posted = self._checked = asyncio.get_running_loop().time()
        self.credit = Credit(box.limits.window)

    async def next(self, timeout: float | None) -> Frame:
        """Raises ConnectionGone, and ProtocolError for a message that never came, only in pauses of an answer that has
        begun: a wait for its head has a deadline."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        if self._looks == 0:
            self._posted = loop.time()
        pauses = PollPauses()
        while not self._frames:
            pause = self._box.schedule(self._connection_id).first() if self._looks == 0 else next(pauses)
            if self._begun and self._looks == 0:
                pause = 0.0
            if deadline is not None and loop.time() + pause >= deadline:
                await asyncio.sleep(max(deadline - loop.time(), 0))
                if not self._look():
                    raise TimeoutError
                break
            await asyncio.sleep(pause)
            if not self._look() and self._begun and loop.time() >= self._checked + _QUIET:
                self._checked = loop.time()
                if self._hole_since is not None and loop.time() >= self._hole_since + _QUIET:
                    raise ProtocolError("out_of_order", "a reply got lost")
                # What came before the connection went is read all the same.
                if self._is_gone() and not self._look():
                    raise ConnectionGone(self._connection_id)
        self._checked = loop.time()
        return self._frames.popleft()

    def _is_gone(self) -> bool:
        try:
            return not self._box.is_open(self._connection_id)
        except Exception as error:
            if is_temporary(error):
                return False
            raise

    def _look(self) -> bool:
        """Read what has come; whether there is a frame now."""
        self._looks += 1
        self._box.tally.polls += 1
        try:
            return self._read()
        except Exception as error:
            if is_temporary(error):
                return False  # a look that saw nothing
            raise

    def _read(self) -> bool:
        if not self._begun:
            row = self._box.head(self._connection_id, self._id)
            if row is None:
                return False
            self._begun = True
            taken = asyncio.get_running_loop().time() - self._posted
            self._box.tally.wait = taken
            self._box.schedule(self._connection_id).learn(taken, self._looks == 1)
            self._looks = 0
            self._feed(row)
            return bool(self._frames)
        is_ahead = False
        for row in self._box.rest(self._connection_id, self._id, self._from):
            if row["sk"]["S"] == slot_of(self._id, self._from):
                self._from += 1  # what is missing must be read again, what is there must not
            else:
                is_ahead = True
            self._feed(row)
        now = asyncio.get_running_loop().time()
        self._hole_since = None if not is_ahead else now if self._hole_since is None else self._hole_since
        return bool(self._frames)

    def _feed(self, row: dict[str, Any]) -> None:
        body = row.get("b", {}).get("B", b"")
        message = open_envelope(row["m"]["S"], bytes(body), max_body=self._box.limits.message)
        # An agent can write anything into its own rows, but only what answers this request counts.
        if not isinstance(message, Response | Data | End | Error) or message.id != self._id:
            raise ProtocolError("malformed", "a reply to something else")
        self._frames.extend(self._assembler.feed(message))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is deleted: that would cost as much as the write; the rows expire."""


class PollingReplyBox:
    """client: of boto3. Schedules are kept for the life of the environment. tally: of the request that is served now;
    an environment serves one at a time. is_open: whether a connection is"""

    def __init__(
        self, client: Any, table: str, limits: Limits, is_open: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._client = client
        self._table = table
        self.limits = limits
        self.is_open = is_open
        self.tally = Tally()
        self._schedules: OrderedDict[str, PollSchedule] = OrderedDict()

    def expect(self, connection_id: str, request_id: str) -> PolledReply:
        """Never raises Throttled: one function waits for one request, and Lambda limits those."""
        return PolledReply(self, connection_id, request_id)

    def schedule(self, connection_id: str) -> PollSchedule:
        """What has been learnt of that agent."""
        found = self._schedules.get(connection_id)
        if found is None:
            found = self._schedules[connection_id] = PollSchedule()
            if len(self._schedules) > _LEARNT:
                self._schedules.popitem(last=False)
        else:
            self._schedules.move_to_end(connection_id)
        return found

    def head(self, connection_id: str, request_id: str) -> dict[str, Any] | None:
        """The row that begins the reply. Eventually consistent: a miss costs one more look, a strong read twice as
        much every time."""
        key = {"pk": {"S": connection_id}, "sk": {"S": slot_of(request_id)}}
        row: dict[str, Any] | None = self._client.get_item(TableName=self._table, Key=key).get("Item")
        return row

    def rest(self, connection_id: str, request_id: str, number: int) -> list[dict[str, Any]]:
        """The rows after the head, from that number on, in order."""
        rows: list[dict[str, Any]] = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": connection_id},
                ":first": {"S": slot_of(request_id, number)},
                ":last": {"S": slot_of(request_id, 999_999, is_end=True)},
            },
        )["Items"]
        return rows
