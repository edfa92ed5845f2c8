from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream
from app.engine.paths import Paths, user_paths
from app.engine.running import NameLock, RunningTunnel, running_tunnels

SPEC = TunnelSpec("shop", Upstream("http", "localhost", 3000))
ONLINE = TunnelStatus(SPEC, TunnelState.ONLINE, TunnelUrls("http://127.0.0.1:1/shop/", "http://shop.localhost:1/"))

HOLD = """
import sys
from app.engine.paths import user_paths
from app.engine.running import NameLock
lock = NameLock(user_paths(), "shop")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def paths() -> Paths:
    return user_paths()


def refused(paths: Paths, name: str = "shop") -> str:
    with pytest.raises(HatchwayError) as caught:
        NameLock(paths, name)
    assert caught.value.problem.code == "name_in_use"
    return caught.value.problem.title


def test_a_name_is_held_once(paths: Paths) -> None:
    lock = NameLock(paths, "shop")
    refused(paths)
    NameLock(paths, "other").release()
    lock.release()
    lock.release()
    NameLock(paths, "shop").release()


def test_the_refusal_names_the_process(paths: Paths) -> None:
    lock = NameLock(paths, "shop")
    lock.describe(ONLINE)
    assert f"by process {os.getpid()} " in refused(paths)
    lock.release()


def test_others_see_what_runs(paths: Paths) -> None:
    assert running_tunnels(paths) == []
    lock = NameLock(paths, "shop")
    lock.describe(TunnelStatus(SPEC, TunnelState.CONNECTING))
    assert running_tunnels(paths) == [RunningTunnel("shop", os.getpid(), "http://localhost:3000", "connecting")]
    lock.describe(replace(ONLINE, spec=replace(SPEC, mode="spa")))
    (seen,) = running_tunnels(paths)
    assert (seen.state, seen.path_url, seen.host_url, seen.mode) == (
        "online",
        "http://127.0.0.1:1/shop/",
        "http://shop.localhost:1/",
        "spa",
    )
    lock.release()
    assert running_tunnels(paths) == []
    assert [file.suffix for file in paths.state.iterdir()] in ([], [".lock"])


def test_a_dead_process_holds_nothing(paths: Paths) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        refused(paths)
        holder.kill()
    NameLock(paths, "shop").release()


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["pid used again", "pid of nobody"])
def test_facts_without_a_lock_are_of_the_dead(paths: Paths, pid: int) -> None:
    facts = {"name": "shop", "pid": pid, "upstream": "http://localhost:3000", "state": "online"}
    (paths.state / "tunnel-shop.json").write_text(json.dumps(facts))
    assert running_tunnels(paths) == []
    NameLock(paths, "shop").release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "shop"}', '{"unknown": 1}'])
def test_facts_that_make_no_sense_are_skipped(paths: Paths, text: str) -> None:
    (paths.state / "tunnel-shop.json").write_text(text)
    assert running_tunnels(paths) == []
    lock = NameLock(paths, "shop")
    assert "already run on this computer" in refused(paths)
    lock.release()


def test_a_state_directory_that_is_gone_is_explained(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HatchwayError) as caught:
        NameLock(Paths(paths.config, paths.data, tmp_path / "file"), "shop")
    assert caught.value.problem.code == "home_unusable"
