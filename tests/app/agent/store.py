"""A store of blobs on this computer: single objects by PUT and GET, and failures in front of them."""

from __future__ import annotations

from collections import deque

from tests.app.upstream.raw_server import Peer, RawServer, Received


class Store(RawServer):
    """objects: path → body. trouble: raw answers that the next requests get instead; b"" and what has
    (some of) a body break the connection"""

    def __init__(self) -> None:
        super().__init__(self._serve_objects)
        self.objects: dict[str, bytes] = {}
        self.trouble: deque[bytes] = deque()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def _serve_objects(self, peer: Peer) -> None:
        while True:
            request = await peer.request()
            if self.trouble:
                if not (answer := self.trouble.popleft()):
                    return
                await peer.send(answer)
                if not answer.endswith(b"\r\n"):
                    return
            else:
                await peer.send(self._answer(request))

    def _answer(self, request: Received) -> bytes:
        method, target, _ = request.line.decode().split()
        path = target.partition("?")[0]
        if method == "PUT":
            self.objects[path] = request.body
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        body = self.objects[path]
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def status(code: int) -> bytes:
    """A raw answer without a body."""
    return b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % code
