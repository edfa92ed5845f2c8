"""Every action of the window as data: id, text, keys, icon and tip. Menus, tooltips and the key list read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.icons import icon


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """id: stable name, also the object name of the QAction; keys: portable text, "" for none."""

    id: str
    text: str
    keys: str = ""
    icon: str = ""
    tip: str = ""


WINDOW_ACTIONS = (
    ActionSpec("tunnel.new", "New tunnel…", "Ctrl+N", "plus", "Put another local server on the web"),
    ActionSpec("tunnel.copy_url", "Copy public URL", "Ctrl+Shift+C", "copy"),
    ActionSpec("tunnel.copy_host_url", "Copy host URL", tip="The URL with the tunnel's own host name"),
    ActionSpec("tunnel.copy_markdown", "Copy as Markdown", tip="A Markdown link to the public URL"),
    ActionSpec("tunnel.toggle", "Pause tunnel", "Ctrl+Shift+P", tip="Pause or start the tunnel"),
    ActionSpec("tunnel.edit", "Edit tunnel…", "F2"),
    ActionSpec("tunnel.remove", "Remove tunnel", tip="Can be undone for 5 seconds"),
    ActionSpec("backend.public", "Go public…", "Ctrl+Shift+G", "internet", "Set up a backend on the internet"),
    ActionSpec("backend.list", "Backends…", "", "server", "The backends that your tunnels can run on"),
    ActionSpec("window.next_pane", "Next pane", "F6"),
    ActionSpec("window.theme", "Light or dark theme", "Ctrl+Shift+D", "theme"),
    ActionSpec("window.keys", "Keyboard shortcuts", "?", "help"),
    ActionSpec("window.quit", "Quit", "Ctrl+Q"),
)
PICK_ACTIONS = tuple(ActionSpec(f"tunnel.pick_{n}", f"Go to tunnel {n}", f"Ctrl+{n}") for n in range(1, 10))

TUNNEL_MENU = (
    "tunnel.toggle",
    "tunnel.edit",
    "",  # a separator
    "tunnel.copy_url",
    "tunnel.copy_host_url",
    "tunnel.copy_markdown",
    "",
    "tunnel.remove",
)


def build_actions(owner: QWidget, specs: Iterable[ActionSpec] = (*WINDOW_ACTIONS, *PICK_ACTIONS)) -> dict[str, QAction]:
    """Make the actions children of `owner`, active in its whole window; the tooltip names the keys."""
    return {spec.id: _build(owner, spec) for spec in specs}


def _build(owner: QWidget, spec: ActionSpec) -> QAction:
    action = QAction(spec.text, owner)
    action.setObjectName(spec.id)
    tip = spec.tip or spec.text.rstrip("…")
    if spec.keys:
        keys = QKeySequence(spec.keys)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        tip = f"{tip} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})"
    action.setToolTip(tip)
    if spec.icon:
        action.setIcon(icon(spec.icon))
        action.setIconVisibleInMenu(False)
    owner.addAction(action)
    return action
