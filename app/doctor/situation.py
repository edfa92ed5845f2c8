"""What advice is made of: how the page was shown, and what is known about a symptom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.doctor.symptoms import Symptom
from app.domain.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Situation:
    """How the page was shown.

    base: the tunnel's URL without the slash at its end; layers: those that ran for it (`L0`, `L1` …)
    upstream: where the tunnel leads, if known; is_lossy: some of the page's requests did not get what they were for
    """

    base: str
    layers: tuple[str, ...]
    upstream: Upstream | None = None
    is_lossy: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port of the tunnel."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def prefix(self) -> str:
        """The tunnel's path, empty for host URLs."""
        return urlsplit(self.base).path

    @property
    def service(self) -> str:
        """Where the service is, in words or as an origin."""
        return "its own address" if self.upstream is None else self.upstream.origin

    @property
    def next_mode(self) -> str:
        """The mode to try next."""
        if "L2" not in self.layers:
            return "app" if "L1" in self.layers else "auto"
        return "app" if "L5" in self.layers else "spa"


@dataclass(frozen=True, slots=True)
class Advice:
    """why: one sentence about why it matters or where it comes from; suggestion: what to do"""

    why: str
    suggestion: str


def says(symptom: Symptom, pattern: str) -> bool:
    """Whether the symptom, or anything that was said about it, has these words (a regular expression, any case)."""
    return re.search(pattern, "\n".join([symptom.what, *symptom.details]), re.IGNORECASE) is not None


def status_of(symptom: Symptom) -> int:
    """Of the answer; 0 if there was none."""
    return 0 if symptom.answer is None else symptom.answer.status


def make_relative(symptom: Symptom) -> str:
    """The sentence that says which code has to change."""
    who = symptom.code[0] if symptom.code else symptom.page or "the page"
    return f"Let {who} use a relative URL, or one made from document.baseURI."


def origin_of(symptom: Symptom) -> str:
    """Scheme, host and port that were asked, as `hatchway http` takes it; empty if it is no request."""
    if symptom.asked is None:
        return ""
    parts = urlsplit(symptom.asked.url)
    return f"{parts.scheme.replace('ws', 'http', 1)}://{parts.netloc}"
