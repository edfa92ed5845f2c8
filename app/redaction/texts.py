"""Secrets in texts: URLs, forms, JSON, multipart, anything else. Everything that is no secret stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import unquote_plus

from app.redaction import shapes
from app.redaction.names import is_secret_field, is_secret_parameter
from app.redaction.placeholders import PLACEHOLDER, Placeholders

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_URL_PARAMETER = re.compile(r"([?&#;])([^\s=&#;?\"'<>]{1,60})=([^\s&#;\"'<>]+)")
_ASSIGNMENT = re.compile(r"(?m)([A-Za-z][\w.-]{1,60})(\s{0,3}[=:]\s{0,3})(\"[^\"\n]+\"|'[^'\n]+'|[^\s,;&\"'<>(){}]+)")
_PART_NAME = re.compile(rb'name="([^"]*)"|name=([^;\s]+)', re.IGNORECASE)
_DEEPEST = 3  # JSON within JSON texts


class Texts:
    """Remembers each secret it takes out in `placeholders`."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders

    def free(self, text: str) -> str:
        """Any text: secrets known by their looks, parameters of URLs, passwords of URLs."""
        if shapes.hinted(text):
            text = shapes.ANY.sub(lambda found: self._name(found.lastgroup or "secret", found[0]), text)
        if "@" in text and "://" in text:
            text = shapes.CREDENTIALS.sub(lambda found: f"{found[1]}:{self._name('password', found[2])}", text)
        if "=" in text:
            text = _URL_PARAMETER.sub(self._parameter, text)
        return text

    def form(self, text: str) -> str:
        """`application/x-www-form-urlencoded`."""
        return "&".join(self._pair(pair, is_secret_field) for pair in text.split("&"))

    def query(self, target: str) -> str:
        """A path with its query, or a URL."""
        if not shapes.possible(target):
            return target
        before, mark, query = target.partition("?")
        pairs = "&".join(self._pair(pair, is_secret_parameter) for pair in query.split("&"))
        return self.free(before) + mark + pairs

    def assignments(self, text: str) -> str:
        """Texts with lines such as `password: x` or `TOKEN=x` (environments, settings, logs)."""

        def replaced(found: re.Match[str]) -> str:
            name, sign, value = found.groups()
            if not is_secret_field(name) or PLACEHOLDER.search(value):
                return found[0]
            quote = value[0] if value[0] in "\"'" and value[-1] == value[0] and len(value) > 1 else ""
            inner = value[1:-1] if quote else value
            return f"{name}{sign}{quote}{self._name(name, inner)}{quote}"

        return self.free(_ASSIGNMENT.sub(replaced, text))

    def json(self, text: str, depth: int = 0) -> str:
        """JSON, or what was kept of it: values below keys that name secrets, and those known by their looks."""
        pieces: list[str] = []
        last = 0
        key = ""
        stack: list[str] = []  # the secret key that each open bracket stands below, empty if none
        secret = ""
        expects_key = False
        for token in _JSON_TOKEN.finditer(text):
            word = token[0]
            if word in "{[":
                stack.append(secret or (key if is_secret_field(key) else ""))
                secret, key, expects_key = stack[-1], "", word == "{"
            elif word in "}]":
                if stack:
                    stack.pop()
                secret, key, expects_key = (stack[-1] if stack else ""), "", False
            elif word == ",":
                key, expects_key = "", True  # in a list nothing reads a key: no colon follows
            elif word == ":":
                expects_key = False
            elif expects_key and word[0] == '"' and _colon_follows(text, token.end()):
                key = _unquoted(word)
            else:
                name = secret or (key if is_secret_field(key) else "")
                changed = self._json_value(word, name, depth)
                if changed != word:
                    pieces += (text[last : token.start()], changed)
                    last = token.end()
                expects_key = False
        return "".join([*pieces, text[last:]])

    def multipart(self, data: bytes, boundary: bytes) -> bytes:
        """`multipart/form-data`: parts whose names say so, and texts known by their looks in the others."""
        parts = data.split(b"--" + boundary)
        for place, part in enumerate(parts):
            head, blank, content = part.partition(b"\r\n\r\n")
            if not blank:
                continue
            found = _PART_NAME.search(head)
            name = (found[1] or found[2] or b"").decode("utf-8", "replace") if found is not None else ""
            end = b"\r\n" if content.endswith(b"\r\n") else b""
            inner = content[: len(content) - len(end)]
            try:
                text = inner.decode("utf-8")
            except UnicodeDecodeError:
                text = ""
            if name and is_secret_field(name) and inner:
                parts[place] = head + blank + self._name(name, text or inner.decode("latin-1")).encode() + end
            elif text:
                parts[place] = head + blank + self.free(text).encode() + end
        return (b"--" + boundary).join(parts)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _name(self, kind: str, secret: str) -> str:
        return secret if PLACEHOLDER.fullmatch(secret) else self._placeholders.of(kind, secret)

    def _parameter(self, found: re.Match[str]) -> str:
        mark, name, value = found.groups()
        if not is_secret_parameter(unquote_plus(name)) or PLACEHOLDER.search(value):
            return found[0]
        return f"{mark}{name}={self._name(name, unquote_plus(value))}"

    def _pair(self, pair: str, is_secret: Callable[[str], bool]) -> str:
        name, sign, value = pair.partition("=")
        if not value:
            return pair
        plain = unquote_plus(name)
        if is_secret(plain):
            return f"{name}{sign}{self._name(plain, unquote_plus(value))}"
        decoded = unquote_plus(value)
        # Encoded again only if there was something: `%20` and `+` are not the same to everybody.
        clean = self.json(decoded, 1) if decoded[:1] in "{[" else self.free(decoded)
        return pair if clean == decoded else f"{name}{sign}{clean}"

    def _json_value(self, word: str, name: str, depth: int) -> str:
        if name:
            if word in ("null", "true", "false", '""'):
                return word
            return json.dumps(self._name(name, _unquoted(word)))
        if word[0] != '"':
            return word
        plain = _unquoted(word)
        if depth < _DEEPEST and plain[:1] in ("{", "[") and '"' in plain:
            clean = self.json(plain, depth + 1)
        else:
            clean = self.free(plain)
        return word if clean == plain else json.dumps(clean, ensure_ascii=False)


def _colon_follows(text: str, at: int) -> bool:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at < len(text) and text[at] == ":"


def _unquoted(word: str) -> str:
    if word[0] != '"':
        return word
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word.strip('"')
