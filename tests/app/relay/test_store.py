"""What the relay's own store adds to the contract: it remembers offline names, but not without limit."""

from __future__ import annotations

import asyncio

import pytest

from app.relay.store import MemoryTunnelStore
from backend_lambda.core.ports import NameTaken
from backend_lambda.protocol.messages import TunnelOptions

OPTIONS = TunnelOptions("http://localhost:3000")


async def go_offline(store: MemoryTunnelStore, *names: str) -> None:
    for name in names:
        await store.claim(name, "me", f"connection of {name}", OPTIONS)
        await store.release(name, f"connection of {name}", forget=False)


async def known(store: MemoryTunnelStore, *names: str) -> list[str]:
    return [name for name in names if await store.look_up(name) is not None]


async def test_the_longest_offline_names_are_forgotten_first() -> None:
    store = MemoryTunnelStore(most_offline=2)
    await go_offline(store, "a", "b", "c")
    assert await known(store, "a", "b", "c") == ["b", "c"]


async def test_names_that_came_back_count_from_when_they_left_again() -> None:
    store = MemoryTunnelStore(most_offline=2)
    await go_offline(store, "a", "b", "a", "c")
    assert await known(store, "a", "b", "c") == ["a", "c"]


async def test_online_names_are_never_forgotten() -> None:
    store = MemoryTunnelStore(most_offline=1)
    await store.claim("online", "me", "c1", OPTIONS)
    await go_offline(store, "a", "b", "c")
    assert await known(store, "online", "a", "b", "c") == ["online", "c"]


async def test_of_many_who_claim_at_once_one_owner_wins() -> None:
    store = MemoryTunnelStore()
    claims = (store.claim("shop", f"owner {number}", f"c{number}", OPTIONS) for number in range(20))
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(not isinstance(result, NameTaken) for result in results) == 1


@pytest.mark.parametrize("forget", [True, False])
async def test_releasing_twice_is_fine(forget: bool) -> None:
    store = MemoryTunnelStore(most_offline=1)
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.release("shop", "c1", forget=forget)
    await store.release("shop", "c1", forget=forget)
    assert (await store.look_up("shop") is None) == forget
