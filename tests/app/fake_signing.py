"""Signing with secrets in memory and the real schemes."""

from __future__ import annotations

import time

from app.domain.exchange import Exchange
from app.domain.replay import EditedRequest
from app.engine.signing_api import SignatureStatus
from app.signatures.scheme import Signed, State
from app.signatures.table import recognise


class FakeSigning:
    """lasting: whether there is a keyring"""

    def __init__(self) -> None:
        self.secret = ""
        self.lasting = True

    async def status(self, exchange: Exchange) -> SignatureStatus | None:
        scheme = recognise(exchange.request_headers)
        if scheme is None:
            return None
        if not self.secret:
            return SignatureStatus(scheme.key, scheme.title, scheme.secret_hint, State.NO_SECRET)
        signed = Signed(exchange.public_url, exchange.request_headers, exchange.request_body.data)
        check = scheme.check(signed, self.secret, time.time())
        arrived = scheme.check(signed, self.secret, exchange.started_ns / 1e9).state
        return SignatureStatus(scheme.key, scheme.title, scheme.secret_hint, check.state, check.age, arrived)

    async def set_secret(self, exchange: Exchange, secret: str) -> bool:
        self.secret = secret
        return self.lasting

    async def sign(self, original: Exchange, request: EditedRequest, url: str) -> EditedRequest:
        return request
