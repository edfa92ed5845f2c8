"""`python -m bench.load`: visitors with keep-alive connections, each with one request at a time. Prints one JSON
object; CPU seconds of other processes are read at both ends of the measured time."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any, cast

import httptools
import psutil
import uvloop

_PIECE = b"u" * (64 * 1024)
# What a browser sends, more or less: the number of headers is part of the cost of a request.
_HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en\r\nCookie: theme=dark; session=abcdef\r\n"
)


class Run:
    """What all visitors share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.latencies: list[float] = []
        self.received = 0
        self.errors = 0
        self.ended = False
        method = "POST" if options.upload else "GET"
        length = f"Content-Length: {options.upload}\r\n" if options.upload else ""
        self.head = (
            f"{method} {options.path} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\n{_HEADERS}{length}\r\n".encode()
        )
        # With --rate every visitor keeps its own beat; all beats together are evenly spread.
        self.beat = options.connections / options.rate if options.rate else 0.0


class Visitor(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: Run, number: int) -> None:
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.time() + (number / run.options.rate if run.options.rate else 0.0)
        self._left = 0
        self._paused = False
        self.gone = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._schedule()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._run.received += len(body)

    def on_message_complete(self) -> None:
        self._run.latencies.append(time.perf_counter() - self._sent)
        if self._parser.get_status_code() != 200:
            self._run.errors += 1
        self._schedule()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._run.ended:
            self._run.errors += 1
        self.gone.set_result(None)

    def _schedule(self) -> None:
        if self._run.ended:
            self._transport.close()
        elif self._run.beat:
            self._loop.call_at(self._next, self._send)
            self._next += self._run.beat
        else:
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        if self._transport.is_closing():
            return
        self._parser: Any = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._left = self._run.options.upload
        self._transport.write(self._run.head)
        self._go_on()

    def _go_on(self) -> None:
        while self._left and not self._paused:
            piece = _PIECE[: self._left]
            self._left -= len(piece)
            self._transport.write(piece)


async def _main(options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    run = Run(options)
    visitors = []
    for number in range(options.connections):
        _, visitor = await loop.create_connection(lambda n=number: Visitor(run, n), "127.0.0.1", options.port)  # type: ignore[misc]
        visitors.append(visitor)
    await asyncio.sleep(options.warm_up)
    run.latencies.clear()
    run.received = 0
    observed = [psutil.Process(pid) for pid in (*options.pids, psutil.Process().pid)]
    before, begun = [_cpu(process) for process in observed], time.perf_counter()
    if options.requests:
        # An event would have to be looked at in every callback.
        while len(run.latencies) < options.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    else:
        await asyncio.sleep(options.seconds)
    seconds = time.perf_counter() - begun
    cpu = [_cpu(process) - earlier for process, earlier in zip(observed, before, strict=True)]
    latencies = sorted(run.latencies)
    received, errors = run.received, run.errors
    run.ended = True
    _, late = await asyncio.wait([visitor.gone for visitor in visitors], timeout=5)
    count = len(latencies)
    print(
        json.dumps(
            {
                "requests": count,
                "seconds": seconds,
                "errors": errors + len(late),
                "received": received,
                "p50": _quantile(latencies, 0.50),
                "p95": _quantile(latencies, 0.95),
                "p99": _quantile(latencies, 0.99),
                "cpu": cpu[:-1],
                "own_cpu": cpu[-1],
            }
        )
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--requests", type=int, default=0, help="end after so many instead of after --seconds")
    parser.add_argument("--warm-up", type=float, default=0.4)
    parser.add_argument("--upload", type=int, default=0, help="bytes of a request body")
    parser.add_argument("--rate", type=float, default=0.0, help="requests per second of all connections together")
    parser.add_argument("--pids", type=int, nargs="*", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    uvloop.run(_main(_options()))
