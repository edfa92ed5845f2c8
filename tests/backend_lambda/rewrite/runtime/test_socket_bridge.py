"""The page's end of a WebSocket that goes message by message: order, pieces and room, whatever the network does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_lambda.core.visitor_messages import for_visitor, from_visitor
from backend_lambda.protocol.limits import MAX_HELD, SOCKET_LEAST, SOCKET_WINDOW
from backend_lambda.protocol.messages import Data, End
from backend_lambda.rewrite.runtime import __name__ as RUNTIME
from tests.apps.node import node

FRAME = 32 * 1024  # bytes that the gateway takes
_MESSAGES = st.lists(st.one_of(st.text(max_size=50), st.binary(max_size=50)), max_size=12)
_LARGE = st.lists(st.integers(0, 150_000), max_size=6)

# A line is {hear: [message for the page, …]} → what listeners got, or {say: [text or size, …], grant} → what went out.
_DRIVER = """
const source = require("node:fs").readFileSync(process.argv[1], "utf-8");
class WebSocket extends EventTarget {
  out = []; binaryType = "arraybuffer";
  get readyState() { return 1; }
  send(text) { this.out.push(text); }
  close() {}
}
class CloseEvent extends Event { constructor(type, init) { super(type); Object.assign(this, init); } }
const self = Object.assign(globalThis, { WebSocket, CloseEvent });
const config = {}, make = new Function("self", "config", "socketOrigin", "onRealm", source + "; return Bridge;");
const Bridge = make(self, config, "wss://t.example", () => {});
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const turns = (number) => new Promise((done) => { const step = () => number-- ? setImmediate(step) : done(); step(); });
async function hear(messages) {
  const socket = new WebSocket(), bridge = new Bridge(socket, "/x"), got = [];
  const told = (data) => (typeof data === "string" ? ["text", data] : ["bytes", hex(data)]);
  socket.addEventListener("message", ({ data }) => got.push(told(data)));
  socket.addEventListener("close", ({ code, reason }) => got.push(["close", code, reason]));
  for (const data of messages) bridge.message({ data, stopImmediatePropagation() {} });
  await turns(4 * messages.length + 8);
  clearInterval(bridge.alive);
  return got;
}
function say(messages, grant) {
  const socket = new WebSocket(), bridge = new Bridge(socket, "/x");
  for (const message of messages) bridge.send(typeof message === "string" ? message : new Uint8Array(message).fill(7));
  bridge.leave(1000, "");
  const rounds = [socket.out.splice(0)];
  while (bridge.outbox.length) {
    bridge.message({ data: JSON.stringify({ type: "window", bytes: grant }), stopImmediatePropagation() {} });
    rounds.push(socket.out.splice(0));
  }
  clearInterval(bridge.alive);
  return { rounds, waiting: bridge.waiting };
}
require("node:readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const { hear: heard, say: said, grant } = JSON.parse(line);
  console.log(JSON.stringify(heard ? await hear(heard) : say(said, grant)));
}).on("close", () => process.exit());
"""

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Asks a bridge of the runtime in Node."""
    process = subprocess.Popen(
        [node(), "-e", _DRIVER, str(files(RUNTIME) / "socket_bridge.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(**question: Any) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@settings(max_examples=60)
@given(_MESSAGES, st.integers(1, 20), st.randoms(use_true_random=False))
def test_messages_come_in_order_whatever_order_they_come_in(
    ask: Ask, messages: list[str | bytes], size: int, random: Any
) -> None:
    numbers, wires = count(), []
    for message in messages:
        body = message.encode() if isinstance(message, str) else message
        for start in range(0, max(len(body), 1), size):
            part, more = body[start : start + size], start + size < len(body)
            wires.append(for_visitor(Data("vX", next(numbers), part, isinstance(message, str), more)))
    wires.append(for_visitor(End("vX", next(numbers), 4000, "ü")))
    wires += random.sample(wires, len(wires) // 3)  # some come twice
    random.shuffle(wires)
    wanted = [["text", one] if isinstance(one, str) else ["bytes", one.hex()] for one in messages]
    assert ask(hear=wires) == [*wanted, ["close", 4000, "ü"]]


@settings(max_examples=40)
@given(_LARGE, st.lists(st.text(max_size=20), max_size=60), st.integers(1, SOCKET_WINDOW))
def test_what_is_said_fits_the_gateway_and_the_agents_room(
    ask: Ask, sizes: list[int], texts: list[str], grant: int
) -> None:
    said = ask(say=[*sizes, *texts], grant=grant)
    room, numbers, wholes, parts = SOCKET_WINDOW, count(), [], []
    for round in said["rounds"]:
        for wire in round:
            assert len(wire.encode()) <= FRAME
            message = from_visitor(json.loads(wire), "vX", max_body=FRAME)
            if isinstance(message, End):
                assert (message.seq, message.code) == (next(numbers), 1000)
                continue
            assert isinstance(message, Data)
            assert message.seq == next(numbers)
            assert room > 0
            room -= max(len(message.body), SOCKET_LEAST)
            parts.append(message.body)
            if not message.more:
                wholes.append(b"".join(parts).decode() if message.text else len(b"".join(parts)))
                parts.clear()
        room += grant
    assert wholes == [*sizes, *texts]
    assert said["waiting"] == 0


def test_no_more_are_on_their_way_than_an_agent_holds() -> None:
    assert SOCKET_WINDOW // SOCKET_LEAST * 3 // 2 <= MAX_HELD  # a grant that comes twice is half a window too much
