"""The rewriting modes of a tunnel in words; `docs/rewriting.md` has the whole of it."""

from __future__ import annotations

from typing import get_args

from app.domain.tunnel import TunnelStatus
from backend_lambda.protocol.messages import Mode

MODES: tuple[Mode, ...] = get_args(Mode)

_NAMES: dict[Mode, str] = {
    "auto": "Automatic",
    "app": "Pages",
    "spa": "Single-page app",
    "static": "Static, no script",
    "raw": "Headers only",
    "host": "Own host",
}
_EXPLANATIONS: dict[Mode, str] = {
    "auto": "Looks at the pages and chooses between “Pages” and “Single-page app”. Right for nearly everything.",
    "app": "For server-rendered sites and dashboards: links and scripts are led below the tunnel's name.",
    "spa": "For apps with a router in the browser: they also see their paths without the tunnel's name.",
    "static": "Links and style sheets are changed, but no script is added to the pages.",
    "raw": "Nothing but headers and cookies changes. For apps that can be told their base path.",
    "host": "Nothing in the pages changes; the tunnel is used at its host URL. Needs a relay that has host URLs.",
}


def mode_name(mode: Mode) -> str:
    """Two or three words for a list of choices; the word that files and commands use stands behind."""
    return f"{_NAMES[mode]} ({mode})"


def mode_explanation(mode: Mode) -> str:
    """One line on what it does and for whom."""
    return _EXPLANATIONS[mode]


def mode_words(status: TunnelStatus) -> str:
    """For the head of the tunnel: empty in mode `auto`, which needs no mention."""
    mode = status.spec.mode
    if mode == "auto":
        return ""
    missing = mode == "host" and status.urls is not None and status.urls.host is None
    return f"mode {mode}, but this relay has no host URLs" if missing else f"mode {mode}"
