"""The modes of a tunnel and the layers each of them runs (rewriting.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["auto", "raw", "static", "app", "spa", "host"]

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Layers:
    """L0 (headers, cookies, paths) always runs. markup: HTML, CSS, manifests (L1); runtime: the injected script,
    its navigation listener and the recovery at the root (L2-L4); strip: pages see the path they expect (L5)."""

    markup: bool
    runtime: bool
    strip: bool

    @property
    def names(self) -> tuple[str, ...]:
        """As in `X-Hatchway-Rewrite`."""
        return (
            "L0",
            *(("L1",) if self.markup else ()),
            *(("L2", "L3", "L4") if self.runtime else ()),
            *(("L5",) if self.strip else ()),
        )


_HEADERS_ONLY = Layers(markup=False, runtime=False, strip=False)
_LAYERS: dict[str, Layers] = {
    "raw": _HEADERS_ONLY,
    "host": _HEADERS_ONLY,
    "static": Layers(markup=True, runtime=False, strip=False),
    "app": Layers(markup=True, runtime=True, strip=False),
    "spa": Layers(markup=True, runtime=True, strip=True),
}


def layers_of(mode: str, *, is_spa: bool) -> Layers:
    """The layers of a mode; `auto`, and a mode that only later versions know, is `app` or `spa` as the pages show."""
    return _LAYERS.get(mode) or _LAYERS["spa" if is_spa else "app"]
