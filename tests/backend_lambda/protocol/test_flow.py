"""Credit and its refund: nobody waits for ever, nothing is lost, no more is under way than was agreed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.protocol.flow import Credit, Refund


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def start(credit: Credit, size: int) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(credit.take(size))


async def test_without_a_window_nobody_waits() -> None:
    credit = Credit(None)
    credit.grant(5)
    for _ in range(3):
        await asyncio.wait_for(credit.take(1 << 40), 1)


async def test_the_last_piece_may_overdraw_and_the_debt_is_paid_first() -> None:
    credit = Credit(10)
    await credit.take(9)
    await credit.take(100)  # one byte was left
    waiting = start(credit, 1)
    credit.grant(99)
    await settle()
    assert not waiting.done()
    credit.grant(1)
    await asyncio.wait_for(waiting, 1)


async def test_who_came_first_is_served_first() -> None:
    credit = Credit(0)
    order: list[int] = []

    async def take(number: int) -> None:
        await credit.take(10)
        order.append(number)

    tasks = [asyncio.get_running_loop().create_task(take(number)) for number in range(4)]
    await settle()
    for _ in range(4):
        credit.grant(10)
        await settle()
    assert order == [0, 1, 2, 3]
    await asyncio.gather(*tasks)


async def test_one_grant_serves_as_many_as_it_covers() -> None:
    credit = Credit(0)
    tasks = [start(credit, 10) for _ in range(3)]
    await settle()
    credit.grant(15)
    await settle()
    assert [task.done() for task in tasks] == [True, True, False]
    credit.grant(10)
    await asyncio.wait_for(tasks[2], 1)


async def test_nobody_overtakes_a_waiter_that_was_woken_but_did_not_run_yet() -> None:
    credit = Credit(0)
    first = start(credit, 10)
    await settle()
    credit.grant(1)
    with pytest.raises(TimeoutError):  # `wait_for` would put it into a task, behind the other
        async with asyncio.timeout(0.01):
            await credit.take(1)
    assert first.done()


async def test_a_cancelled_take_costs_nothing() -> None:
    credit = Credit(0)
    cancelled, waiting = start(credit, 10), start(credit, 10)
    await settle()
    cancelled.cancel()
    await settle()
    credit.grant(1)
    await asyncio.wait_for(waiting, 1)


async def test_a_take_cancelled_after_it_was_woken_passes_the_turn_on() -> None:
    credit = Credit(0)
    cancelled, waiting = start(credit, 10), start(credit, 10)
    await settle()
    credit.grant(1)
    cancelled.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await cancelled
    await asyncio.wait_for(waiting, 1)


@given(st.data())
def test_credit_keeps_its_promises_under_any_schedule(data: st.DataObject) -> None:
    """Model: the ledger. Takers finish in order, at most one piece is overdrawn, grants bring everybody through."""
    window = data.draw(st.integers(0, 20))
    steps = data.draw(st.lists(st.tuples(st.sampled_from(["take", "grant", "cancel", "run"]), st.integers(1, 15))))

    async def run() -> None:
        credit, granted, taken = Credit(window), window, 0
        waiting: deque[tuple[int, asyncio.Task[None]]] = deque()

        def collect() -> None:
            nonlocal taken
            while waiting and waiting[0][1].done():
                size, task = waiting.popleft()
                if not task.cancelled():
                    assert granted - taken > 0
                    taken += size
            assert not any(task.done() and not task.cancelled() for _, task in waiting)

        for action, number in steps:
            if action == "take":
                waiting.append((number, start(credit, number)))
            elif action == "grant":
                credit.grant(number)
                granted += number
            elif action == "cancel" and waiting:
                waiting[number % len(waiting)][1].cancel()
            else:
                await settle()
                collect()
        credit.grant(taken + sum(size for size, _ in waiting) + 1)
        granted += taken + sum(size for size, _ in waiting) + 1
        for _ in range(len(waiting) + 1):
            await settle()
        collect()
        assert not waiting

    asyncio.run(run())


@given(st.none() | st.integers(1, 1000), st.lists(st.integers(0, 300)))
def test_refund_gives_back_all_but_less_than_half_a_window(window: int | None, sizes: list[int]) -> None:
    refund = Refund(window)
    granted = [refund.consumed(size) for size in sizes]
    if window is None:
        assert not any(granted)
    else:
        assert 0 <= sum(sizes) - sum(granted) < max(1, window // 2)
        assert all(due == 0 or due >= max(1, window // 2) for due in granted)


@given(st.integers(1, 100), st.integers(1, 40), st.integers(0, 1000))
def test_sender_and_receiver_never_stop_each_other(window: int, chunk: int, total: int) -> None:
    async def run() -> None:
        credit, refund, under_way = Credit(window), Refund(window), deque[int]()

        async def send() -> None:
            for start in range(0, total, chunk):
                size = min(chunk, total - start)
                await credit.take(size)
                under_way.append(size)

        sending, received = asyncio.get_running_loop().create_task(send()), 0
        while received < total:
            await settle()
            assert sum(under_way) < window + chunk
            assert under_way, "the sender waits although everything has been consumed"
            size = under_way.popleft()
            received += size
            if due := refund.consumed(size):
                credit.grant(due)
        await sending

    asyncio.run(run())
