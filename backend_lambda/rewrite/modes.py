"""The modes of a tunnel and the layers each of them runs (rewriting.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from backend_lambda.protocol.messages import Mode

MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Layers:
    """L0 (headers, cookies, paths) always runs.

    markup: HTML, CSS, manifests (L1)
    runtime: the injected script, its navigation listener and the recovery at the root (L2-L4)
    strip: pages see the path they expect (L5); may_strip: they do as soon as one shows itself to be a shell
    """

    markup: bool = False
    runtime: bool = False
    strip: bool = False
    may_strip: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """As in `X-Hatchway-Rewrite`."""
        return (
            "L0",
            *(("L1",) if self.markup else ()),
            *(("L2", "L3", "L4") if self.runtime else ()),
            *(("L5",) if self.strip else ()),
        )

    @property
    def without_runtime(self) -> Layers:
        """For a page that the visitor wants to see without our script (R24)."""
        return _LAYERS["static"] if self.runtime else self


_LAYERS: dict[str, Layers] = {
    "raw": Layers(),
    "host": Layers(),
    "static": Layers(markup=True),
    "app": Layers(markup=True, runtime=True),
    "spa": Layers(markup=True, runtime=True, strip=True),
}
_AUTO = Layers(markup=True, runtime=True, may_strip=True)


def layers_of(mode: str, *, is_spa: bool) -> Layers:
    """The layers of a mode; `auto`, and a mode that only later versions know, is `app` or `spa` as the pages show."""
    return _LAYERS.get(mode) or (_LAYERS["spa"] if is_spa else _AUTO)
