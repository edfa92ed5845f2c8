"""An app's address, directly or below a tunnel's prefix, and what is told about it in the app's own URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Two visits are never the same in these: ids, times, hashes, ports.
_CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|(?<==)[\w.%:-]+|\d{3,}")


@dataclass(frozen=True, slots=True)
class Address:
    """base: URL of the app's root without the slash at its end, e.g. `http://127.0.0.1:4780/shop`."""

    base: str

    @property
    def prefix(self) -> str:
        """The path of the app's root: `/shop`, or empty where the app has an origin of its own."""
        return urlsplit(self.base).path

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's."""
        return urlsplit(self.base).netloc

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{urlsplit(self.base).scheme}://{self.authority}"

    def is_own(self, url: str) -> bool:
        """Whether it is asked of the host that serves the app; WebSockets too."""
        return urlsplit(url).netloc == self.authority

    def is_outside(self, url: str) -> bool:
        """Whether it is asked of that host, but not below the app's prefix: it would reach another app, or none.

        Chromium looks for /favicon.ico of its own accord, whatever the page says.
        """
        parts = urlsplit(url)
        below = (parts.path + "/").startswith(self.prefix + "/")
        return bool(self.prefix) and self.is_own(url) and parts.path != "/favicon.ico" and not below

    def plain(self, text: str) -> str:
        """The text with `U` for the app's origin (`W` for WebSockets), whichever way the app was reached."""
        for scheme, letter in (("http", "U"), ("ws", "W")):
            base, origin = self.base.replace("http", scheme, 1), self.origin.replace("http", scheme, 1)
            text = re.sub(re.escape(base) + r"(?![\w.-])", letter, text)
            text = re.sub(re.escape(origin) + r"(?!\d)", letter, text)
        return text

    def comparable(self, text: str) -> str:
        """The same, also without the prefix alone and without what changes from visit to visit."""
        text = self.plain(text)
        if self.prefix:
            text = re.sub(re.escape(self.prefix) + r"(?![\w.-])", "", text)
        return _CHANGING.sub("…", text)

    def short(self, url: str) -> str:
        """As a developer of the app would write it: the path for URLs of the app itself, others as they are."""
        if url.startswith("data:"):
            return url.partition(",")[0] + ",…"
        plain = self.plain(url)
        return plain[1:] or "/" if plain.startswith(("U", "W")) else plain
