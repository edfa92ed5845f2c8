"""Everything the user can do with a request: id, words and key of each action, as data and as QActions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """id: stable name for remapping and the palette; help: one sentence; menu: whether the context menu has it."""

    id: str
    title: str
    keys: tuple[str, ...]
    help: str
    menu: bool = False


ACTIONS = (
    ActionSpec("exchange.detail", "Show detail", ("Return", "Enter"), "Go from the list to the detail.", menu=True),
    ActionSpec("exchange.replay", "Replay", ("R",), "Send the captured request to your service again.", menu=True),
    ActionSpec(
        "exchange.edit",
        "Edit and replay…",
        ("E",),
        "Change the request, then send it; of several: where to, how.",
        menu=True,
    ),
    ActionSpec(
        "exchange.diff",
        "Compare two, or one with its replays",
        ("D",),
        "Two selected: what is different between them. One: its replays and what they changed.",
        menu=True,
    ),
    ActionSpec(
        "exchange.spaced", "Replay with the pauses", ("Shift+R",), "Replay as it came, with its pauses.", menu=True
    ),
    ActionSpec("exchange.stop", "Stop replays", ("X",), "Cancel the replays that run."),
    ActionSpec("exchange.har", "Save as HAR…", ("Ctrl+S",), "Write the selected requests, without secrets.", menu=True),
    ActionSpec(
        "exchange.har_secrets",
        "Save as HAR with secrets…",
        ("Ctrl+Shift+S",),
        "Tell which secrets the file would hold, then write it as it was recorded.",
        menu=True,
    ),
    ActionSpec("exchange.import", "Import HAR…", ("Ctrl+O",), "Record the requests of a HAR file.", menu=True),
    ActionSpec("exchange.paste", "Paste cURL", ("Ctrl+V",), "Open the cURL command of the clipboard as a request."),
    ActionSpec("exchange.curl", "Copy as cURL", ("C",), "Copy commands; secrets become shell variables.", menu=True),
    ActionSpec("exchange.url", "Copy URL", ("U",), "Copy the public URL of the request.", menu=True),
    ActionSpec("exchange.pin", "Pin or unpin", ("P", "M"), "Keep the request whatever is cleared.", menu=True),
    ActionSpec("exchange.note", "Note…", ("N",), "Write a note on the request.", menu=True),
    ActionSpec("exchange.delete", "Delete", ("Delete",), "Delete the selected requests; Ctrl+Z undoes it.", menu=True),
    ActionSpec("exchange.undo", "Undo delete", ("Ctrl+Z",), "Bring the last deleted requests back."),
    ActionSpec("exchange.clear", "Clear the list", ("Ctrl+L",), "Delete all but running and pinned requests."),
    ActionSpec("exchange.back", "Close the comparison", ("Escape",), "Show the detail again."),
    ActionSpec("exchange.next", "Next request", ("J",), "Select the row below."),
    ActionSpec("exchange.previous", "Previous request", ("K",), "Select the row above."),
    ActionSpec("exchange.filter", "Filter", ("/", "Ctrl+F"), "Go to the filter."),
    ActionSpec("exchange.next_tab", "Next tab", ("]",), "Show the next tab of the detail."),
    ActionSpec("exchange.previous_tab", "Previous tab", ("[",), "Show the previous tab of the detail."),
    ActionSpec("exchange.pause", "Pause or resume the list", ("Space",), "Hold arriving requests back."),
)


def make_actions(owner: QWidget) -> Mapping[str, QAction]:
    """QActions whose keys act only while `owner` has the focus; they are children of it, found by object name."""
    actions = {}
    for spec in ACTIONS:
        action = QAction(owner)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(QCoreApplication.translate("exchanges", spec.help))
        action.setShortcutVisibleInContextMenu(True)
        owner.addAction(action)
        actions[spec.id] = action
    name_actions(actions)
    return actions


def name_actions(actions: Mapping[str, QAction]) -> None:
    """Give them the words that are right whatever is selected."""
    for spec in ACTIONS:
        actions[spec.id].setText(QCoreApplication.translate("exchanges", spec.title))
