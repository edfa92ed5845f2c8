"""`ReplyBox` by reading the table into which the gateway writes agents' replies (protocol/slots.py).

Nothing tells the waiting function that a reply is there, so it looks: first when this agent's answers usually come,
then at growing intervals. A look costs as much as 9 ms of waiting, so both are kept few.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from types import TracebackType
from typing import Any, Final, Self

from backend_lambda.adapters.clients import is_throttled
from backend_lambda.adapters.metrics import Tally
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
_LEARNT: Final = 1000  # agents whose service times are remembered
_WEIGHT: Final = 0.3  # of the newest service time


class PollSchedule:
    """When to look, learnt from one agent's answers. Times are seconds since the request was posted."""

    def __init__(self) -> None:
        self._usual: float | None = None

    def first(self) -> float:
        """The first look."""
        return _EARLIEST if self._usual is None else max(_EARLIEST, self._usual)

    def pauses(self) -> PollPauses:
        """The pauses after it."""
        return PollPauses()

    def learn(self, taken: float, first_look: bool) -> None:
        """An answer was found after so long. first_look: it may have been there for a while, so look sooner next
        time, a little."""
        observed = taken * 0.85 if first_look else taken
        self._usual = observed if self._usual is None else self._usual + _WEIGHT * (observed - self._usual)


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
        self._posted = asyncio.get_running_loop().time()
        self.credit = Credit(box.limits.window)

    async def next(self, timeout: float | None) -> Frame:
        """Never raises ConnectionGone: a table does not know of it; the deadline ends the wait."""
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
            self._look()
        return self._frames.popleft()

    def _look(self) -> bool:
        """Read what has come; whether there is a frame now."""
        self._looks += 1
        self._box.tally.polls += 1
        try:
            return self._read()
        except Exception as error:
            if is_throttled(error):
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
        for row in self._box.rest(self._connection_id, self._id, self._from):
            slot = row["sk"]["S"]
            if slot == slot_of(self._id, self._from):
                self._from += 1  # what is missing must be read again, what is there must not
            self._feed(row)
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
    an environment serves one at a time"""

    def __init__(self, client: Any, table: str, limits: Limits) -> None:
        self._client = client
        self._table = table
        self.limits = limits
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
