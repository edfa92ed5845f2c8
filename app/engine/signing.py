"""Webhook signatures with secrets from the system's keyring."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from app.domain.exchange import Exchange, ExchangeState
from app.domain.replay import EditedRequest
from app.domain.webhook import SignatureState
from app.engine.secret_store import KeyringClosed, read_secret, store_secret
from app.engine.signing_api import SignatureStatus
from app.interchange.har_import import TUNNEL
from app.signatures.scheme import Scheme, Signed, State, replaced
from app.signatures.table import recognise
from app.signatures.twilio import Twilio, with_body_digest

_SERVICE = "hatchway signing secrets"
_log = logging.getLogger(__name__)


class LiveSigning:
    """Implements `app.engine.signing_api.Signing`. now: Unix time"""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._known: dict[str, str] = {}  # what was asked or set in this run

    async def status(self, exchange: Exchange) -> SignatureStatus | None:
        scheme = recognise(exchange.request_headers)
        if scheme is None:
            return None
        secret = await self._secret(exchange, scheme)
        if not secret:
            return SignatureStatus(scheme.key, scheme.title, scheme.secret_hint, State.NO_SECRET)
        # As of now: that is what a plain replay would meet.
        check = await asyncio.to_thread(scheme.check, _signed(exchange), secret, self._now())
        arrived = await asyncio.to_thread(_on_arrival, scheme, exchange, secret)
        return SignatureStatus(scheme.key, scheme.title, scheme.secret_hint, check.state, check.age, arrived)

    def on_arrival(self, exchange: Exchange) -> SignatureState:
        """A `SignatureCheck` for filters: for threads, it may ask the keyring."""
        scheme = recognise(exchange.request_headers)
        if scheme is None or exchange.request_body.truncated or exchange.state is ExchangeState.RUNNING:
            return "unchecked"
        name = _name(exchange, scheme)
        secret = self._known.get(name)
        if secret is None:
            secret = self._known.setdefault(name, _read(name))
        return _STATES[_on_arrival(scheme, exchange, secret)] if secret else "unchecked"

    async def set_secret(self, exchange: Exchange, secret: str) -> bool:
        scheme = recognise(exchange.request_headers)
        if scheme is None:
            return False
        name = _name(exchange, scheme)
        self._known[name] = secret.strip()
        return await asyncio.to_thread(store_secret, _SERVICE, name, secret.strip())

    async def sign(self, original: Exchange, request: EditedRequest, url: str) -> EditedRequest:
        scheme = recognise(request.headers)
        secret = "" if scheme is None else await self._secret(original, scheme)
        if scheme is None or not secret:
            return request
        if scheme.key == Twilio.key:
            url = with_body_digest(url, request.body)
            request = replace(request, target=with_body_digest(request.target, request.body))
        signed = Signed(url, request.headers, request.body)
        new = await asyncio.to_thread(scheme.sign, signed, secret, self._now())
        return replace(request, headers=replaced(request.headers, new))

    async def _secret(self, exchange: Exchange, scheme: Scheme) -> str:
        name = _name(exchange, scheme)
        if name not in self._known:
            self._known[name] = await asyncio.to_thread(_read, name)
        return self._known[name]


_STATES: dict[State, SignatureState] = {
    State.VALID: "valid",
    State.INVALID: "invalid",
    State.EXPIRED: "expired",
    State.NO_SECRET: "unchecked",
}


def _signed(exchange: Exchange) -> Signed:
    return Signed(exchange.public_url, exchange.request_headers, exchange.request_body.data)


def _on_arrival(scheme: Scheme, exchange: Exchange, secret: str) -> State:
    return scheme.check(_signed(exchange), secret, exchange.started_ns / 1e9).state


def _name(exchange: Exchange, scheme: Scheme) -> str:
    # A file can name any tunnel; that tunnel's secret must not sign what the file says, nor replays of it.
    owner = "(imported)" if exchange.tunnel_id == TUNNEL else exchange.tunnel
    return f"{owner} {scheme.key}"


def _read(name: str) -> str:
    try:
        return read_secret(_SERVICE, name)
    except KeyringClosed as error:
        _log.info("keyring not readable error=%s", error)
        return ""
