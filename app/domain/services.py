"""A local HTTP service that listens on this machine, as the first screen offers it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.upstream import Upstream


@dataclass(frozen=True, slots=True)
class LocalService:
    """framework: "Vite", "Django" … or the server's name, "" if unknown; title: of its page, "" if none;
    process: name of the process that listens, "" if not known to us."""

    upstream: Upstream
    framework: str = ""
    title: str = ""
    process: str = ""

    @property
    def label(self) -> str:
        """`5173 - Vite - My shop`, leaving out what is unknown."""
        parts = (str(self.upstream.port), self.framework or self.process, self.title)
        return " - ".join(part for part in parts if part)
