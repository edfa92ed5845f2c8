"""CORS of a bucket: which pages may read what they were sent to, as infra/terraform/bucket.tf says."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from tests.aws.emulator.http_server import Request, Response

_EXPOSED = "Content-Disposition, Content-Length, Content-Range, ETag"
_METHODS = ("GET", "HEAD")
_OWN_METHODS = (*_METHODS, "PUT")


class Cors:
    """rules: each a list of origins, of which the first that fits counts; `*` stands for anything. The first
    are the tunnels' own pages, which may put uploads there."""

    def __init__(self, rules: Sequence[Sequence[str]] = ()) -> None:
        self.rules = rules

    def preflight(self, request: Request) -> Response:
        """The answer to OPTIONS."""
        wanted = request.header("access-control-request-method")
        headers = self.headers(request, wanted or "")
        if not headers:
            return Response(403, [("Content-Type", "application/xml")], b"<Error><Code>AccessForbidden</Code></Error>")
        if asked := request.header("access-control-request-headers"):
            headers.append(("Access-Control-Allow-Headers", asked))
        return Response(200, [*headers, ("Access-Control-Allow-Methods", ", ".join(_OWN_METHODS))])

    def headers(self, request: Request, method: str) -> list[tuple[str, str]]:
        """What an answer to that method says to the page; nothing to one that is not let in."""
        origin = request.header("origin")
        if origin is None:
            return []
        for number, rule in enumerate(self.rules):
            if method not in (_OWN_METHODS if number == 0 else _METHODS):
                continue
            if "*" in rule:
                return [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _EXPOSED)]
            if any(fnmatchcase(origin, pattern) for pattern in rule):
                return [
                    ("Access-Control-Allow-Origin", origin),
                    ("Access-Control-Allow-Credentials", "true"),
                    ("Access-Control-Expose-Headers", _EXPOSED),
                    ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
                ]
        return []
