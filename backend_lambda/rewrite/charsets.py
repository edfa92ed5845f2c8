"""Bodies as text and back, byte for byte, in whatever encoding they come (H25).

Rewriters look for ASCII only, so most encodings are shown to them as if each byte were a character (latin-1): nothing
has to be valid, and what is not looked for survives.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_lambda.rewrite.declared_charset import Family, in_body, in_byte_order_mark, in_content_type
from backend_lambda.rewrite.kinds import Kind

# Always UTF-8, whatever their headers say (HTML LS, Web App Manifest, RFC 8216).
_UTF_8: frozenset[Kind] = frozenset({"manifest", "playlist", "worker", "worklet"})
_Wide = Literal["utf-16-le", "utf-16-be"]
# The first bytes of characters of two bytes. All others, second bytes among them, end a character.
_LEADS = {"shift_jis": "\x81-\x9f\xe0-\xfc", "gbk": "\x81-\xfe", "big5": "\x81-\xfe"}
# Second bytes that CSS, JSON or URLs would take for syntax, and what stands for them in the text.
_STAND_INS = {"\\": "\uf75c", "@": "\uf740"}


class Charset:
    """One body's view: feed it bytes, get text; `encode` makes bytes of text, rewritten or not.

    The first bytes decide, sometimes the first 1024 of them; until then `feed` returns "". Never raises.
    """

    def __init__(self, kind: Kind, content_type: str | None) -> None:
        self._kind: Kind = kind
        self._declared = "ascii" if kind in _UTF_8 else in_content_type(content_type or "")
        self._view: _Bytes | _Pairs | _Units | None = _Bytes() if kind in _UTF_8 else None
        self._beginning = b""
        self._is_opaque = False
        self._is_closed = False

    @property
    def is_decided(self) -> bool:
        """Whether the encoding is known."""
        return self._view is not None or self._is_opaque

    @property
    def is_opaque(self) -> bool:
        """Whether the body must pass as it came: what looks like markup in it may be none. Known before any text."""
        return self._is_opaque

    @property
    def is_wide(self) -> bool:
        """Whether NULs are to be expected: UTF-16, as far as is known."""
        return isinstance(self._view, _Units) or (self._view is None and self._declared in ("utf-16-le", "utf-16-be"))

    def feed(self, data: bytes) -> str:
        """The next text; "" for an opaque body."""
        if self._view is None:
            if self._is_opaque:
                return ""
            data = self._beginning + data
            family = self._decide(data, is_all=False)
            self._beginning = data if family is None else b""
            if family is None or not self._open(family):
                return ""
        assert self._view is not None
        return self._view.decode(data)

    def close(self) -> str:
        """The rest; after this, `encode` is called once more."""
        self._is_closed = True
        if self._view is None:
            if self._is_opaque:
                return ""
            if not self._open(self._decide(self._beginning, is_all=True) or "ascii"):
                return ""
        assert self._view is not None
        return self._view.decode(self._beginning) + self._view.rest()

    def encode(self, text: str) -> bytes:
        """Text of this view as bytes; what the encoding does not have becomes `&#…;`."""
        if self._view is None:
            return text.encode("latin-1", "xmlcharrefreplace")
        data = self._view.encode(text)
        return data + self._view.odd if self._is_closed else data

    def _decide(self, data: bytes, *, is_all: bool) -> Family | None:
        marked = in_byte_order_mark(data, is_all=is_all)
        if marked != "none":
            return marked
        return self._declared or in_body(self._kind, data, is_all=is_all)

    def _open(self, family: Family) -> bool:
        match family:
            case "opaque":
                self._is_opaque = True
                return False
            case "utf-16-le" | "utf-16-be":
                self._view = _Units(family)
            case "ascii":
                self._view = _Bytes()
            case _:
                self._view = _Pairs(_LEADS[family])
        return True


class _Bytes:
    """A byte is a character."""

    odd = b""

    def decode(self, data: bytes) -> str:
        return data.decode("latin-1")

    def rest(self) -> str:
        return ""

    def encode(self, text: str) -> bytes:
        return text.encode("latin-1", "xmlcharrefreplace")


class _Pairs(_Bytes):
    """The same, but second bytes that look like syntax are hidden behind stand-ins."""

    def __init__(self, leads: str) -> None:
        # Second bytes are mostly in the range of first ones, too: in a row of them, every other one is a first.
        self._before_syntax = re.compile(rf"(?<![{leads}])((?:[{leads}][{leads}])*+[{leads}])([\\@])")
        self._leads = "".join(re.findall(f"[{leads}]", "".join(map(chr, range(0x80, 0x100)))))
        self._held = ""

    def decode(self, data: bytes) -> str:
        text = self._held + data.decode("latin-1")
        end = len(text)
        end -= (end - len(text.rstrip(self._leads))) % 2
        text, self._held = text[:end], text[end:]
        if "\\" in text or "@" in text:
            text = self._before_syntax.sub(lambda match: match[1] + _STAND_INS[match[2]], text)
        return text

    def rest(self) -> str:
        return self._held

    def encode(self, text: str) -> bytes:
        for byte, stand_in in _STAND_INS.items():
            text = text.replace(stand_in, byte)
        return super().encode(text)


class _Units:
    """UTF-16: real characters, surrogates without a partner among them."""

    def __init__(self, codec: _Wide) -> None:
        self._codec = codec
        self.odd = b""

    def decode(self, data: bytes) -> str:
        data = self.odd + data
        end = len(data) & ~1
        self.odd = data[end:]
        return data[:end].decode(self._codec, "surrogatepass")

    def rest(self) -> str:
        return ""

    def encode(self, text: str) -> bytes:
        return text.encode(self._codec, "surrogatepass")
