"""The contract of `TunnelStore`: owners, generations, takeover, release. Changes are read back with `fresh`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from backend_lambda.core.ports import NameTaken, TunnelRecord, TunnelStore
from backend_lambda.protocol.messages import TunnelOptions
from tests.contract.harness import Harness

OPTIONS = TunnelOptions("http://localhost:3000", "public", "aware", "spa")


@pytest.fixture
def store(harness: Harness) -> TunnelStore:
    return harness.tunnels


async def online(store: TunnelStore, name: str = "shop") -> tuple[str | None, int]:
    record = await store.look_up(name, fresh=True)
    assert record is not None
    return record.connection_id, record.generation


async def test_a_free_name_can_be_claimed(store: TunnelStore) -> None:
    claimed = await store.claim("shop", "me", "c1", OPTIONS)
    assert claimed == TunnelRecord("shop", "me", 1, OPTIONS, "c1", None)
    assert await store.look_up("shop", fresh=True) == claimed


@pytest.mark.parametrize("fresh", [False, True])
async def test_a_name_nobody_claimed(store: TunnelStore, fresh: bool) -> None:
    assert await store.look_up("shop", fresh=fresh) is None


async def test_the_same_owner_takes_over(store: TunnelStore) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    options = replace(OPTIONS, upstream="http://localhost:4000")
    assert await store.claim("shop", "me", "c2", options) == TunnelRecord("shop", "me", 2, options, "c2", "c1")
    # `previous` belongs to that claim, not to the tunnel.
    assert await store.look_up("shop", fresh=True) == TunnelRecord("shop", "me", 2, options, "c2", None)


@pytest.mark.parametrize("offline", [False, True])
async def test_another_owner_is_refused(store: TunnelStore, offline: bool) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    if offline:
        await store.release("shop", "c1", forget=False)
    with pytest.raises(NameTaken):
        await store.claim("shop", "you", "c2", OPTIONS)
    assert await online(store) == (None if offline else "c1", 1)


async def test_names_are_independent(store: TunnelStore) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.claim("blog", "you", "c2", OPTIONS)
    await store.release("blog", "c2", forget=True)
    assert await online(store) == ("c1", 1)


async def test_one_connection_may_hold_several_tunnels(store: TunnelStore) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.claim("blog", "me", "c1", OPTIONS)
    await store.release("shop", "c1", forget=False)
    assert await online(store, "blog") == ("c1", 1)


async def test_a_released_tunnel_is_offline_and_stays_with_its_owner(store: TunnelStore) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.release("shop", "c1", forget=False)
    assert await online(store) == (None, 1)
    back = await store.claim("shop", "me", "c2", OPTIONS)
    assert (back.generation, back.previous) == (2, None)


async def test_a_forgotten_tunnel_is_free(store: TunnelStore) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.release("shop", "c1", forget=True)
    assert await store.look_up("shop", fresh=True) is None
    assert (await store.claim("shop", "you", "c2", OPTIONS)).previous is None


@pytest.mark.parametrize("forget", [False, True])
async def test_a_late_release_harms_no_newer_connection(store: TunnelStore, forget: bool) -> None:
    await store.claim("shop", "me", "c1", OPTIONS)
    await store.claim("shop", "me", "c2", OPTIONS)
    await store.release("shop", "c1", forget=forget)
    assert await online(store) == ("c2", 2)


@pytest.mark.parametrize("forget", [False, True])
async def test_releasing_what_nobody_holds_is_fine(store: TunnelStore, forget: bool) -> None:
    await store.release("shop", "c1", forget=forget)
    assert await store.look_up("shop", fresh=True) is None


async def test_renew_tells_whether_the_connection_still_holds_the_tunnel(store: TunnelStore) -> None:
    assert not await store.renew("shop", "c1")
    await store.claim("shop", "me", "c1", OPTIONS)
    assert await store.renew("shop", "c1")
    await store.claim("shop", "me", "c2", OPTIONS)
    assert not await store.renew("shop", "c1")
    assert await store.renew("shop", "c2")
    await store.release("shop", "c2", forget=False)
    assert not await store.renew("shop", "c2")
    assert await online(store) == (None, 2)


async def test_of_many_owners_at_once_one_wins(store: TunnelStore) -> None:
    results = await asyncio.gather(
        *(store.claim("shop", f"owner{number}", f"c{number}", OPTIONS) for number in range(10)), return_exceptions=True
    )
    (winner,) = [result for result in results if isinstance(result, TunnelRecord)]
    assert all(isinstance(result, NameTaken) for result in results if result is not winner)
    assert await store.look_up("shop", fresh=True) == winner


async def test_of_many_connections_at_once_each_gets_its_own_generation(store: TunnelStore) -> None:
    claims = await asyncio.gather(*(store.claim("shop", "me", f"c{number}", OPTIONS) for number in range(10)))
    claims.sort(key=lambda record: record.generation)
    assert [record.generation for record in claims] == list(range(1, 11))
    # Each took over from the one before: nobody is forgotten, nobody is told twice.
    assert [record.previous for record in claims] == [None, *(record.connection_id for record in claims[:-1])]
    assert await online(store) == (claims[-1].connection_id, 10)
