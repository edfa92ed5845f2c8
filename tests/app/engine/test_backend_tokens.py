from __future__ import annotations

import pytest

from app.domain.backend import BackendKind, BackendProfile
from app.domain.problems import HatchwayError
from app.engine.backend_tokens import BackendTokens
from tests.app.engine.memory_keyring import MemoryKeyring


def profile(kind: BackendKind = "relay") -> BackendProfile:
    return BackendProfile("one", "Office", kind, "wss://relay.example.com/__hw/agent")


async def test_a_token_outlives_the_run_in_the_keyring(ring: MemoryKeyring) -> None:
    assert await BackendTokens().store("one", "secret")
    assert await BackendTokens().read(profile()) == "secret"
    await BackendTokens().forget("one")
    await BackendTokens().forget("one")
    assert ring.entries == {}


@pytest.mark.parametrize(("kind", "hint"), [("relay", "Enter it again"), ("aws", "Get a new one")])
async def test_a_missing_one_is_explained(ring: MemoryKeyring, kind: BackendKind, hint: str) -> None:
    with pytest.raises(HatchwayError, match="“Office” is not in this computer's keyring") as caught:
        await BackendTokens().read(profile(kind))
    assert caught.value.problem.code == "no_backend_token"
    assert caught.value.problem.hint.startswith(hint)


async def test_a_closed_keyring_is_explained_and_a_token_holds_for_this_run(ring: MemoryKeyring) -> None:
    ring.broken = True
    tokens = BackendTokens()
    with pytest.raises(HatchwayError, match="NoKeyringError") as caught:
        await tokens.read(profile())
    assert caught.value.problem.code == "keyring_closed"
    assert not await tokens.store("one", "secret")
    assert await tokens.read(profile()) == "secret"
    await tokens.forget("one")
    with pytest.raises(HatchwayError):
        await tokens.read(profile())


async def test_a_keyring_that_keeps_nothing_is_noticed() -> None:
    """The null backend, which the tests of the whole suite run with."""
    tokens = BackendTokens()
    assert not await tokens.store("one", "secret")
    assert await tokens.read(profile()) == "secret"
