from __future__ import annotations

import argparse
import asyncio
import json

import pytest

from app.cli.http import _banner, _endpoint, _Reporter
from app.cli.output import Output
from app.cli.parser import build_parser
from app.domain.events import Event, ExchangeRewritten, TunnelChanged
from app.domain.exchange import Rewriting
from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, TunnelUrls
from app.domain.upstream import Upstream
from backend_lambda.protocol.messages import Mode


def options(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(["http", "3000", *arguments])


@pytest.mark.parametrize(
    ("relay", "url"),
    [
        ("https://t.example.com", "wss://t.example.com/__hw/agent"),
        ("https://t.example.com:8443/relay/", "wss://t.example.com:8443/relay/__hw/agent"),
        ("wss://t.example.com:8443", "wss://t.example.com:8443/__hw/agent"),
        (
            "wss://abc.execute-api.eu-central-1.amazonaws.com/live",
            "wss://abc.execute-api.eu-central-1.amazonaws.com/live",
        ),
        ("http://localhost:4780", "ws://localhost:4780/__hw/agent"),
        ("ws://LOCALHOST", "ws://LOCALHOST/__hw/agent"),
        ("http://127.8.0.1:4780/", "ws://127.8.0.1:4780/__hw/agent"),
        ("http://[::1]:4780", "ws://[::1]:4780/__hw/agent"),
    ],
)
def test_where_a_relay_is(relay: str, url: str) -> None:
    endpoint = _endpoint(options("--relay", relay))
    assert endpoint is not None
    assert endpoint.url == url


@pytest.mark.parametrize(
    "relay",
    [
        "http://t.example.com",
        "ws://t.example.com:4780",
        "http://192.168.1.2:4780",
        "http://[fe80::1]",
        "http://0.0.0.0:4780",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
    ],
)
def test_no_token_goes_in_clear_over_a_network(relay: str) -> None:
    with pytest.raises(HatchwayError, match="unencrypted") as caught:
        _endpoint(options("--relay", relay))
    assert caught.value.problem.code == "bad_relay_url"
    assert caught.value.problem.hint.startswith("Use https://")


def test_without_a_relay_there_is_the_embedded_one() -> None:
    assert _endpoint(options()) is None


def test_nothing_of_a_relay_steers_the_terminal() -> None:
    urls = TunnelUrls("https://x/\x1b[2J", "https://x/\x9b2J")
    banner = _banner(TunnelStatus(TunnelSpec("x", Upstream("http", "localhost", 1)), TunnelState.ONLINE, urls))
    assert banner.replace("\n", "").isprintable()


PATH, HOST = "http://127.0.0.1:1/x/", "http://x.localhost:1/"


def online(mode: Mode, urls: TunnelUrls) -> TunnelStatus:
    return TunnelStatus(TunnelSpec("x", Upstream("http", "localhost", 1), mode=mode), TunnelState.ONLINE, urls)


@pytest.mark.parametrize(
    ("mode", "urls", "shown"),
    [
        ("auto", TunnelUrls(PATH, HOST), [PATH, HOST]),
        ("spa", TunnelUrls(PATH), [PATH]),
        ("host", TunnelUrls(PATH, HOST), [HOST, PATH]),
        ("host", TunnelUrls(PATH), [PATH]),
    ],
)
def test_the_url_to_use_comes_first(mode: Mode, urls: TunnelUrls, shown: list[str]) -> None:
    words = _banner(online(mode, urls)).split()
    assert [word for word in words if word.endswith("/")] == shown


async def report(*events: Event, as_json: bool) -> None:
    output = Output(as_json=as_json)
    reporter = _Reporter(output, asyncio.Event())
    for event in events:
        reporter(event)
    output.close()


async def test_mode_host_without_host_urls_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    without = TunnelChanged(online("host", TunnelUrls(PATH)))
    await report(without, without, as_json=True)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["tunnel.online", "notice", "tunnel.online"]
    assert (lines[0]["mode"], lines[1]["code"]) == ("host", "no_host_url")
    await report(TunnelChanged(online("host", TunnelUrls(PATH, HOST))), as_json=True)
    assert "notice" not in capfd.readouterr().out


async def test_what_rewriting_did_is_an_event_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    rewritten = ExchangeRewritten("e1", "t1", "x", Rewriting("html", ("L0",), {"url": 1}))
    await report(rewritten, as_json=True)
    assert json.loads(capfd.readouterr().out)["rewriting"]["edits"] == {"url": 1}
    await report(rewritten, as_json=False)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("arguments", [["--mode", "magic"], ["--forwarded", "yes"], ["--mode"]])
def test_unknown_words_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options(*arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err
