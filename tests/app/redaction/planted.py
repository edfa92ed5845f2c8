"""Exchanges with secrets in every place where people put them; each secret is a word that stands nowhere else."""

from __future__ import annotations

import base64
import gzip
import json
import random
import string
import zlib
from urllib.parse import quote, quote_plus

from app.domain.exchange import Body, Exchange, ExchangeState, Headers

_CHANCE = random.Random(4)


def word(length: int = 24, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(_CHANCE.choices(alphabet, k=length))


def exchange(
    target: str = "/pay",
    headers: Headers = (),
    body: bytes = b"",
    answer_headers: Headers = (),
    answer: bytes = b"",
) -> Exchange:
    made = Exchange(
        "shop", "t1", "POST", target, "http://localhost:3000", headers, state=ExchangeState.DONE, status=200
    )
    made.public_url = f"https://shop.example.com{target}"
    made.request_body, made.response_body = Body(body), Body(answer)
    made.response_headers = answer_headers
    made.finished_ns = made.started_ns + 1000
    return made


def planted() -> list[tuple[list[str], Exchange]]:
    """(the secrets, the exchange with them)."""
    found: list[tuple[list[str], Exchange]] = []

    def plant(made: Exchange, *secrets: str) -> None:
        found.append((list(secrets), made))

    for name in ("Authorization", "Proxy-Authorization"):
        for scheme in ("Bearer", "token", "ApiKey", "Digest"):
            secret = word()
            plant(exchange(headers=((name, f"{scheme} {secret}"),)), secret)
    for name in ("X-Api-Key", "x-auth-token", "X-Access-Token", "X-CSRF-Token", "X-Vault-Token", "Api-Key",
                 "X-Session-Id",
                 "X-Amz-Security-Token", "PRIVATE-TOKEN", "X-Client-Secret", "X-Shopify-Hmac-Sha256",
                 "Stripe-Signature",
                 "X-Hub-Signature-256", "X-Slack-Signature", "Svix-Signature", "X-Twilio-Signature", "X-Goog-Api-Key",
                 "Ocp-Apim-Subscription-Key-Token", "X-Password", "X-Functions-Key-Secret"):  # fmt: skip
        secret = word()
        plant(exchange(headers=((name, secret),)), secret)
        secret = word()
        plant(exchange(answer_headers=((name, secret),)), secret)
    for _ in range(10):
        one, two = word(), word()
        plant(exchange(headers=(("Cookie", f"session={one}; theme=dark{two}"),)), one, two)
        one = word()
        plant(exchange(answer_headers=(("Set-Cookie", f"sid={one}; Path=/; HttpOnly"),)), one)
    for name in ("password", "passwd", "pwd", "secret", "client_secret", "clientSecret", "access_token", "accessToken",
                 "refresh_token", "id_token", "api_key", "apiKey", "apikey", "private_key", "auth_token", "credential",
                 "session_id", "sessionId", "otp", "signature", "new_password", "passwordConfirmation", "jwt", "cvc",
                 "card_number", "user[password]", "db_password", "aws_secret_access_key", "authorization"):  # fmt: skip
        secret = word()
        plant(exchange(body=json.dumps({"a": 1, name: secret}).encode(), headers=(JSON,)), secret)
        secret = word()
        plant(exchange(body=f"a=1&{quote(name)}={secret}&b=2".encode(), headers=(FORM,)), secret)
        secret = word()
        plant(
            exchange(answer=json.dumps({"user": {"deep": [{name: secret}]}}).encode(), answer_headers=(JSON,)), secret
        )
        secret = word()
        plant(exchange(target=f"/login?x=1&{quote(name)}={secret}"), secret)
        secret = word()
        part = f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{secret}\r\n--B--\r\n'
        plant(exchange(body=part.encode(), headers=(MULTIPART,)), secret)
    for shape in (
        "sk_live_{24}", "rk_test_{24}", "whsec_{32}", "ghp_{36}", "github_pat_{40}", "glpat-{20}", "xoxb-{24}",
        "AKIA{U16}",
        "AIza{35}", "ya29.{40}", "npm_{36}", "SG.{22}.{43}", "sk-proj-{40}", "eyJ{20}.eyJ{30}.{43}", "shpat_{H32}",
    ):  # fmt: skip
        secret = shape
        for marker, alphabet in (("U", string.ascii_uppercase), ("H", "0123456789abcdef"), ("", string.ascii_letters)):
            while (start := secret.find("{" + marker)) >= 0 and secret[start + 1 + len(marker)].isdigit():
                end = secret.index("}", start)
                secret = secret[:start] + word(int(secret[start + 1 + len(marker) : end]), alphabet) + secret[end + 1 :]
        plant(exchange(answer=f"<p>your key is {secret}</p>".encode(), answer_headers=(HTML,)), secret)
        plant(exchange(body=json.dumps({"text": f"use {secret} please"}).encode(), headers=(JSON,)), secret)
        plant(exchange(headers=(("X-Debug", f"k={secret}"),)), secret)
    for coding, encode in (("gzip", gzip.compress), ("deflate", zlib.compress)):
        secret = word()
        headers = (JSON, ("Content-Encoding", coding))
        plant(exchange(answer=encode(json.dumps({"token": secret}).encode()), answer_headers=headers), secret)
    user, password = word(), word()
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    plant(exchange(headers=(("Authorization", f"Basic {basic}"),), body=f"again: {password}".encode()), basic, password)
    secret = word()
    plant(exchange(answer_headers=(("Location", f"https://a.example/cb?code={secret}&x=1"),)), secret)
    secret = word()
    plant(exchange(answer_headers=(("Location", f"https://a.example/#access_token={secret}"),)), secret)
    secret = word()
    plant(exchange(answer=f'<a href="https://joe:{secret}@db.example/x">'.encode(), answer_headers=(HTML,)), secret)
    secret = word()
    plant(exchange(answer=f"DB_PASSWORD={secret}\nPORT=1".encode(), answer_headers=(TEXT,)), secret)
    secret = word()
    inner = json.dumps({"password": secret})
    plant(exchange(body=json.dumps({"payload": inner}).encode(), headers=(JSON,)), secret)
    secret = word()
    plant(exchange(body=f"payload={quote_plus(json.dumps({'token': secret}))}".encode(), headers=(FORM,)), secret)
    secret = word()
    query = {"query": "mutation", "variables": {"input": {"password": secret}}}
    plant(exchange(body=json.dumps(query).encode(), headers=(JSON,)), secret)
    secret = word()
    # Known from one place, without a name in another, in other spellings.
    again = base64.b64encode(secret.encode()).decode()
    plant(exchange(headers=(("X-Api-Key", secret),), answer=f"you sent {secret}, {again}".encode()), secret, again)
    secret = "-----BEGIN RSA PRIVATE KEY-----\n" + word(64) + "\n-----END RSA PRIVATE KEY-----"
    plant(exchange(answer=secret.encode(), answer_headers=(TEXT,)), secret.split("\n")[1])
    secret = word()
    plant(exchange(answer=b'{"user": 1, "token": "' + secret.encode(), answer_headers=(JSON,)), secret)
    return found


JSON, FORM = ("Content-Type", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")
MULTIPART = ("Content-Type", "multipart/form-data; boundary=B")
HTML, TEXT = ("Content-Type", "text/html; charset=utf-8"), ("Content-Type", "text/plain")
