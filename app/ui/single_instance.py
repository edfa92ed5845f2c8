"""One window a user and configuration: a second start brings the first window to the front instead."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 500  # for the first window to take the call; it may be busy starting
_CALL = b"raise\n"


class SingleInstance(QObject):
    """Held by the first window; `called` when somebody starts Hatchway again."""

    called = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        # What is there was left by a crash: whoever lives would have answered.
        QLocalServer.removeServer(name)
        self._server.listen(name)

    def close(self) -> None:
        """Let the next start have a window of its own."""
        self._server.close()

    def _on_connection(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.disconnectFromServer()
            self.called.emit()


def claim(configuration: Path) -> SingleInstance | None:
    """Become the one window of this configuration; None if there is one already, which has been called then."""
    name = f"hatchway-{hashlib.sha256(str(configuration).encode()).hexdigest()[:20]}"
    caller = QLocalSocket()
    caller.connectToServer(name)
    if caller.waitForConnected(_PATIENCE_MS):
        caller.write(_CALL)
        caller.waitForBytesWritten(_PATIENCE_MS)
        caller.disconnectFromServer()
        return None
    return SingleInstance(name)
