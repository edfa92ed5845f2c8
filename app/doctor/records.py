"""What a visit of an app leaves behind: requests, failures, complaints, and the code behind them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the browser. kind: Playwright's resource type, or "websocket"; page: the frame that asked."""

    method: str
    url: str
    kind: str
    page: str

    def __str__(self) -> str:
        return f"{self.method} {self.url} ({self.kind} of {self.page or 'a worker'})"


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, as far as it matters here.

    layers: of `X-Hatchway-Rewrite` (`L0` …); recovered: the relay sends the request back below its prefix;
    error: code of a refusal of the relay's own
    """

    status: int
    layers: tuple[str, ...] = ()
    recovered: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request without a good answer. reason: its status, or the browser's word for what happened."""

    asked: Asked
    reason: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the app's code. line: from 1, or 0 if unknown; function: may be empty."""

    url: str
    line: int = 0
    function: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error that the page or the browser wrote to the console, or that no script caught.

    kind: "console" or "uncaught"; page: URL of the page
    about: the URL of a resource that could not be loaded, if it says only that
    """

    kind: str
    text: str
    page: str = ""
    frames: tuple[Frame, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class RefusedCookie:
    """A cookie of an answer that the browser did not take. reasons: words of the DevTools protocol."""

    name: str
    reasons: tuple[str, ...]
    url: str


@dataclass(slots=True)
class Trace:
    """What only the DevTools protocol tells. origins: (method, URL) → the code that asked, innermost first."""

    origins: dict[tuple[str, str], tuple[Frame, ...]] = field(default_factory=dict)
    cookies: list[RefusedCookie] = field(default_factory=list)
