"""One of the four stages of an exchange: as the visitor sent it, as it went to the service, and the same way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.exchange import Headers

StageName = Literal["visitor", "upstream", "raw", "delivered"]


@dataclass(frozen=True, slots=True)
class Stage:
    """line: request line or status line, empty if nothing is known of this stage (`note` says why)

    body: None if it is not known; coding: the content coding that it still has
    note: for people, what they should know of the body or why there is none
    proved: the body was made again here and is, by its digest, the one that was delivered
    """

    name: StageName
    line: str = ""
    headers: Headers = ()
    body: bytes | None = None
    coding: str = ""
    note: str = ""
    proved: bool = False

    @property
    def known(self) -> bool:
        return bool(self.line)
