"""`hatchway requests`, `show`, `har`, `import` and `replay --expect`, in processes of their own."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import httpx

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import JsonEvent, Service, run


async def some_traffic(start: Start, service: Service, client: httpx.AsyncClient) -> list[JsonEvent]:
    """Two good requests and one failing, through a tunnel that has ended again."""
    hatchway = await start("http", str(service.port), "--name", "shop", "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    headers = {"Authorization": "Bearer abcdefghijklmnop"}
    await client.post(f"{url}api/echo?x=1", json={"name": "Anna", "password": "hunter2hunter2"}, headers=headers)
    await client.get(f"{url}greeting")
    await client.get(f"{url}no/such/page")
    finished = [await hatchway.event("request.finished") for _ in range(3)]
    assert (await hatchway.end())[0] == 0
    return finished


async def test_requests_are_found_by_filters(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    echo, greeting, missing = await some_traffic(start, service, client)
    every = await run("requests", "--json")
    assert [event["id"] for event in every.events] == [echo["id"], greeting["id"], missing["id"]]
    for words, expected in (
        (("status:4xx",), [missing["id"]]),
        (("body:hunter2",), [echo["id"]]),
        (("json:.name=Anna", "method:post"), [echo["id"]]),
        (("tunnel:shop -is:error",), [echo["id"], greeting["id"]]),
        (("path:/nothing",), []),
    ):
        found = await run("requests", *words, "--json")
        assert (found.process.returncode, [event["id"] for event in found.events]) == (0, expected), words
    people = await run("requests", "path:/none")
    assert "No requests match." in people.lines


async def test_a_wrong_filter_is_explained_below_its_mistake(start: Start) -> None:
    wrong = await run("requests", "pay", "staus:500")
    assert wrong.process.returncode == 2
    assert "do you mean status" in wrong.errors
    assert "  pay staus:500\n" in wrong.errors
    assert "      ^^^^^\n" in wrong.errors
    as_json = await run("requests", "staus:500", "--json")
    assert (as_json.events[0]["code"], as_json.events[0]["start"], as_json.events[0]["end"]) == ("bad_filter", 0, 5)


async def test_new_requests_of_another_process_are_followed(
    start: Start, service: Service, client: httpx.AsyncClient
) -> None:
    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    await client.get(f"{url}greeting?before")
    before = await hatchway.event("request.finished")
    follower = await start("requests", "path:greeting", "--follow", "--json")
    assert (await follower.event("request"))["id"] == before["id"]
    await client.get(f"{url}no/such/page")
    await client.get(f"{url}greeting?after")
    await hatchway.event("request.finished")
    after = await hatchway.event("request.finished")
    assert (await follower.event("request"))["id"] == after["id"]
    assert (await follower.end(signal.SIGINT))[0] == 0


async def test_one_request_is_shown_whole(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    echo, *_ = await some_traffic(start, service, client)
    shown = await run("show", echo["id"])
    assert "password" in "\n".join(shown.lines)
    assert "hunter2hunter2" in "\n".join(shown.lines)
    (event,) = (await run("show", echo["id"], "--json")).events
    assert json.loads(event["request"]["body"])["name"] == "Anna"
    assert ["Authorization", "Bearer abcdefghijklmnop"] in [[n.title(), v] for n, v in event["request"]["headers"]]
    (clean,) = (await run("show", echo["id"], "--json", "--redact")).events
    assert "hunter2" not in json.dumps(clean)
    assert "abcdefghijklmnop" not in json.dumps(clean)
    assert (await run("show", "nothing")).process.returncode == 4


async def test_requests_are_written_as_code_without_secrets(
    start: Start, service: Service, client: httpx.AsyncClient
) -> None:
    echo, *_ = await some_traffic(start, service, client)
    for form, words in (
        ("curl", "curl"),
        ("httpx", "httpx.request("),
        ("fetch", "await fetch("),
        ("pytest", "def test_"),
    ):
        (event,) = (await run("show", echo["id"], "--as", form, "--json")).events
        assert (event["event"], event["id"], event["form"]) == ("code", echo["id"], form)
        assert words in event["code"]
        assert "hunter2" not in event["code"]
    people = await run("show", echo["id"], "--as", "httpx", "--with-secrets")
    assert people.lines[0] == "import httpx"
    assert "hunter2hunter2" in "\n".join(people.lines)


async def test_har_files_go_out_without_secrets_and_come_in(
    start: Start, service: Service, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await some_traffic(start, service, client)
    file = tmp_path / "out.har"
    written = await run("har", "-is:error", "--output", str(file), "--json")
    assert written.process.returncode == 0, written.errors
    assert written.events == [{"event": "har.written", "file": str(file), "requests": 2, "redacted": True}]
    assert "hunter2" not in file.read_text()
    imported = await run("import", str(file))
    assert imported.lines == ["2 requests imported. See: hatchway requests is:imported"]
    found = await run("requests", "is:imported", "--json")
    assert [event["path"] for event in found.events] == ["/api/echo?x=1", "/greeting"]
    with_secrets = await run("har", "-o", str(file), "--with-secrets")
    assert with_secrets.lines == [f"5 requests written to {file}, WITH secrets."]
    assert "hunter2" in file.read_text()


async def test_files_that_cannot_be_used_are_explained(start: Start, tmp_path: Path) -> None:
    (tmp_path / "no.har").write_text("{}")
    for arguments, code, words in (
        (("import", str(tmp_path / "no.har")), 2, "no HAR file"),
        (("import", str(tmp_path / "none.har")), 3, "cannot be read"),
        (("har", "--output", str(tmp_path / "none" / "x.har")), 3, "cannot be written"),
        (("har", "size:huge", "--output", str(tmp_path / "x.har")), 2, "no number"),
    ):
        done = await run(*arguments)
        assert done.process.returncode == code, done.errors
        assert words in done.errors
        assert "Traceback" not in done.errors


async def test_a_replay_is_judged_and_expectations_decide_the_exit_code(
    start: Start, service: Service, client: httpx.AsyncClient
) -> None:
    echo, *_ = await some_traffic(start, service, client)
    for expectation, code in (("status=200,json=.method", 0), ("status=404", 7), ("status=2xx,json=.nothing", 7)):
        replayed = await run("replay", echo["id"], "--expect", expectation, "--json")
        assert replayed.process.returncode == code, replayed.events
        (event,) = replayed.events
        assert event["verdict"] in ("same", "changed")
        assert [each["passed"] for each in event["expectations"]].count(False) == (code != 0)
    wrong = await run("replay", echo["id"], "--expect", "sttaus=200")
    assert wrong.process.returncode == 2
    assert "status=200" in wrong.errors
    people = await run("replay", echo["id"], "--expect", "status=404", "--times", "2")
    assert len([line for line in people.lines if line.startswith("  FAIL status=404, but: 200")]) == 2
    elsewhere = await run("replay", echo["id"], "--to", "1", "--json")
    assert (elsewhere.process.returncode, elsewhere.events[0]["verdict"]) == (5, "regressed")
