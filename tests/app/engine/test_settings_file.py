from __future__ import annotations

import stat
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w

from app.domain.backend import BackendProfile
from app.domain.problems import HatchwayError
from app.domain.settings import SavedFilter, Settings
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.engine.settings_file import load, save

SHOP = TunnelSpec("shop", Upstream("http", "localhost", 3000), id="0123456789ab")
API = TunnelSpec(
    "api",
    Upstream("https", "::1", 8443),
    id="ba9876543210",
    host_header="public",
    forwarded="aware",
    mode="spa",
    rewrite_oauth=True,
    verify_tls=False,
    enabled=False,
    connect_timeout=1.5,
    response_timeout=300.0,
    capture_bytes=0,
    backend="aws-1",
)
OWN = BackendProfile("0a1b", "Own relay", "relay", "wss://relay.example.com/__hw/agent", "https://relay.example.com")
CLOUD = BackendProfile(
    "aws-1", "AWS", "aws", "wss://a.example.com/live", "https://b.example.com", "hatchway", "eu-west-1", "1" * 12, "dev"
)
SETTINGS = Settings(
    "dark",
    5000,
    7,
    64,
    (SHOP, API),
    (SavedFilter("Fehler", "status:5xx -path:/x"), SavedFilter("a b", "ws:x")),
    (OWN, CLOUD),
    "aws-1",
)

GOOD = """
version = 1
theme = "dark"
relay_port = 5000
[[tunnels]]
id = "0123456789ab"
name = "shop"
upstream = "http://localhost:3000"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def kept_aside(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in path.parent.glob(f"{path.name}.corrupt-*")]


def test_no_file_means_defaults(path: Path) -> None:
    assert load(path) == (Settings(), None)
    assert not path.exists()


@pytest.mark.parametrize("settings", [Settings(), SETTINGS])
def test_what_is_saved_is_loaded(path: Path, settings: Settings) -> None:
    save(path, settings)
    assert load(path) == (settings, None)


def test_the_file_is_private_and_alone(path: Path) -> None:
    save(path, SETTINGS)
    save(path, SETTINGS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    write(target, GOOD)
    path.parent.mkdir()
    path.symlink_to(target)
    save(path, SETTINGS)
    assert path.is_symlink()
    assert load(target) == (SETTINGS, None)


@pytest.mark.parametrize(
    "content",
    [b'theme = "dark', b"\xff\xfe\x00", b"theme = 'dark'\ntheme = 'light'\n", GOOD.encode() + b"\x00"],
    ids=["torn", "not utf-8", "key twice", "zero byte"],
)
def test_a_corrupt_file_is_kept_aside_and_defaults_are_used(path: Path, content: bytes) -> None:
    write(path, content)
    settings, problem = load(path)
    assert settings == Settings()
    assert problem is not None
    assert problem.code == "settings_invalid"
    assert "not valid TOML" in problem.hint
    assert kept_aside(path) == [content]
    save(path, SETTINGS)
    assert load(path) == (SETTINGS, None)
    assert kept_aside(path) == [content]


def test_loading_a_corrupt_file_again_makes_no_second_copy(path: Path) -> None:
    write(path, "=")
    load(path)
    load(path)
    assert kept_aside(path) == [b"="]
    write(path, "==")
    load(path)
    assert sorted(kept_aside(path)) == [b"=", b"=="]


def test_saving_over_a_corrupt_file_that_was_never_loaded_keeps_it(path: Path) -> None:
    write(path, "= typed while Hatchway ran")
    save(path, SETTINGS)
    assert kept_aside(path) == [b"= typed while Hatchway ran"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "pink"),
        ("theme", 3),
        ("relay_port", "4780"),
        ("relay_port", 0),
        ("relay_port", 70000),
        ("relay_port", True),
        ("relay_port", 80.5),
        ("history_days", 0),
        ("history_megabytes", -1),
        ("version", "one"),
    ],
)
def test_a_wrong_value_is_named_and_only_its_default_is_used(path: Path, key: str, value: object) -> None:
    content = tomli_w.dumps(tomllib.loads(GOOD) | {key: value})
    write(path, content)
    settings, problem = load(path)
    assert problem is not None
    assert f"{key}: " in problem.hint
    expected = Settings(theme="dark", relay_port=5000, tunnels=(SHOP,))
    default = {} if key == "version" else {key: getattr(Settings(), key)}
    assert settings == replace(expected, **default)
    assert kept_aside(path) == [content.encode()]


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        ({"upstream": "3000"}, "tunnels[2].name: is missing"),
        ({"name": "b"}, "tunnels[2].upstream: is missing"),
        ({"name": "not a label", "upstream": "3000"}, "tunnels[2].name: "),
        ({"name": 5, "upstream": "3000"}, "tunnels[2].name: "),
        ({"name": "b", "upstream": "ftp://x"}, "tunnels[2].upstream: “ftp://” cannot be forwarded to"),
        ({"name": "b", "upstream": "3000", "verify_tls": "no"}, "tunnels[2].verify_tls: "),
        ({"name": "b", "upstream": "3000", "host_header": "mine"}, "tunnels[2].host_header: "),
        ({"name": "b", "upstream": "3000", "mode": "magic"}, "tunnels[2].mode: Invalid enum value 'magic'"),
        ({"name": "b", "upstream": "3000", "forwarded": True}, "tunnels[2].forwarded: "),
        ({"name": "b", "upstream": "3000", "rewrite_oauth": "yes"}, "tunnels[2].rewrite_oauth: "),
        ({"name": "b", "upstream": "3000", "connect_timeout": 0}, "tunnels[2].connect_timeout: "),
        ({"name": "b", "upstream": "3000", "capture_bytes": -1}, "tunnels[2].capture_bytes: "),
        ({"name": "b", "upstream": "3000", "id": ""}, "tunnels[2].id: "),
        ({"name": "shop", "upstream": "3000"}, "tunnels[2].name: “shop” is used by an earlier tunnel"),
        ({"name": "b", "upstream": "3000", "id": SHOP.id}, "tunnels[2].id: "),
        ("shop", "tunnels[2]: must be a table"),
    ],
)
def test_one_invalid_tunnel_does_not_lose_the_others(path: Path, entry: object, finding: str) -> None:
    document = tomllib.loads(GOOD)
    document["tunnels"] += [entry, {"name": "last", "upstream": 3002}]
    write(path, tomli_w.dumps(document))
    settings, problem = load(path)
    assert [tunnel.name for tunnel in settings.tunnels] == ["shop", "last"]
    assert settings.theme == "dark"
    assert problem is not None
    assert finding in problem.hint
    assert len(kept_aside(path)) == 1


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        ({"id": "b", "name": "B", "kind": "aws"}, "backends[2].agent_url: is missing"),
        ({"id": "b", "name": "B", "kind": "gcp", "agent_url": "wss://x"}, "backends[2].kind: Invalid enum value 'gcp'"),
        ({"id": "b", "name": "B", "kind": "aws", "agent_url": "ws://x.example.com"}, "unencrypted over the network"),
        ({"id": "0a1b", "name": "B", "kind": "aws", "agent_url": "wss://x"}, "backends[2].id: “0a1b” is used"),
        ({"id": "b", "name": "Own relay", "kind": "aws", "agent_url": "wss://x"}, "backends[2].name: “Own relay” is"),
        (7, "backends[2]: must be a table"),
    ],
)
def test_one_invalid_backend_does_not_lose_the_others(path: Path, entry: object, finding: str) -> None:
    save(path, Settings(backends=(OWN,)))
    document = tomllib.loads(path.read_text())
    document["backends"].append(entry)
    write(path, tomli_w.dumps(document))
    settings, problem = load(path)
    assert settings.backends == (OWN,)
    assert problem is not None
    assert finding in problem.hint


def test_what_is_unknown_of_a_backend_stays(path: Path) -> None:
    save(path, Settings(backends=(OWN,)))
    document = tomllib.loads(path.read_text())
    document["backends"][0]["colour"] = "red"
    write(path, tomli_w.dumps(document))
    save(path, Settings(backends=(CLOUD, OWN)))
    assert [entry.get("colour") for entry in tomllib.loads(path.read_text())["backends"]] == [None, "red"]


def test_tunnels_that_are_no_list(path: Path) -> None:
    write(path, "theme = 'dark'\ntunnels = 'shop'\n")
    settings, problem = load(path)
    assert settings == Settings(theme="dark")
    assert problem is not None
    assert "tunnels: must be a list of tables" in problem.hint
    save(path, SETTINGS)
    assert load(path) == (SETTINGS, None)


def test_a_tunnel_written_by_hand_gets_the_same_id_at_every_reading(path: Path) -> None:
    write(path, "[[tunnels]]\nname = 'Shop'\nupstream = 3000\n")
    first, problem = load(path)
    assert problem is None
    assert first.tunnels[0].name == "shop"
    assert first.tunnels[0].upstream == Upstream("http", "localhost", 3000)
    assert load(path)[0] == first
    save(path, first)
    assert load(path) == (first, None)


def test_unknown_keys_survive_a_save(path: Path) -> None:
    write(
        path,
        GOOD.replace('theme = "dark"', 'theme = "dark"\nfuture = ["a", 1]') + "color = 'red'\n[window]\nwidth = 800\n",
    )
    assert load(path)[1] is None
    save(path, Settings(theme="light", tunnels=(API, SHOP)))
    document = tomllib.loads(path.read_text())
    assert document["theme"] == "light"
    assert document["future"] == ["a", 1]
    assert document["window"] == {"width": 800}
    assert "color" not in document["tunnels"][0]
    assert document["tunnels"][1]["color"] == "red"
    assert document["version"] == 1


def test_a_file_of_a_newer_version_is_used_as_far_as_possible_and_never_destroyed(path: Path) -> None:
    newer = GOOD.replace("version = 1", "version = 2").replace('theme = "dark"', 'theme = "aurora"')
    write(path, newer)
    settings, problem = load(path)
    assert settings.tunnels == (SHOP,)
    assert problem is not None
    assert "version: a newer Hatchway wrote the file (2" in problem.hint
    save(path, settings)
    assert kept_aside(path) == [newer.encode()]


def test_a_file_that_cannot_be_read_gives_defaults_and_a_problem(path: Path) -> None:
    path.mkdir(parents=True)
    settings, problem = load(path)
    assert settings == Settings()
    assert problem is not None
    assert problem.code == "settings_unreadable"


def test_a_failing_save_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HatchwayError) as caught:
        save(tmp_path / "file" / "settings.toml", SETTINGS)
    assert caught.value.problem.code == "settings_not_saved"
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(HatchwayError):
        save(tmp_path / "settings.toml", SETTINGS)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "settings.toml"]


def test_readers_never_see_half_a_file(path: Path) -> None:
    many = tuple(TunnelSpec(f"t{number}", SHOP.upstream) for number in range(200))
    variants = [Settings(relay_port=1000), Settings(relay_port=2000, tunnels=many)]
    save(path, variants[0])
    stop = threading.Event()
    seen: list[tuple[Settings, object]] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(load(path))

    reader = threading.Thread(target=read)
    reader.start()
    for round_ in range(30):
        save(path, variants[round_ % 2])
    stop.set()
    reader.join()
    assert {problem for _, problem in seen} == {None}
    assert all(settings in variants for settings, _ in seen)
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("tables", "finding"),
    [
        ("filters = 3", "filters: must be a list"),
        ("filters = [3]", "filters[1]: must be a table"),
        ('[[filters]]\nname = "a"', "filters[1].text: is missing"),
        ('[[filters]]\nname = ""\ntext = "x"', "filters[1].name"),
        ('[[filters]]\nname = "good"\ntext = "x"\n[[filters]]\nname = "good"\ntext = "y"', "used by an earlier filter"),
    ],
)
def test_a_filter_that_cannot_be_used_is_left_out_and_told(path: Path, tables: str, finding: str) -> None:
    write(path, tables)
    settings, problem = load(path)
    assert problem is not None
    assert finding in problem.hint
    assert settings.filters == ((SavedFilter("good", "x"),) if "good" in tables else ())


def test_a_filter_that_this_version_does_not_understand_stays(path: Path) -> None:
    write(path, '[[filters]]\nname = "later"\ntext = "phase:moon"')
    settings, problem = load(path)
    assert problem is None
    save(path, settings)
    assert load(path)[0].filters == (SavedFilter("later", "phase:moon"),)
    save(path, replace(settings, filters=()))
    assert load(path)[0].filters == ()
