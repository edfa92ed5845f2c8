"""The system's keyring: the one place where secrets of the user's are kept. For threads: it may ask the user."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)


class KeyringClosed(Exception):
    """It cannot be read; the argument is the name of its error."""


def read_secret(service: str, name: str) -> str:
    """ "" if there is none. Raises KeyringClosed."""
    # Imported when it is needed: that takes longer than all the rest of a short command.
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(service, name) or ""
    except keyring.errors.KeyringError as error:
        raise KeyringClosed(type(error).__name__) from error


def store_secret(service: str, name: str, secret: str) -> bool:
    """Whether it is kept. "" deletes it."""
    import keyring
    import keyring.errors

    try:
        if secret:
            keyring.set_password(service, name, secret)
            # A keyring that keeps nothing says nothing.
            return keyring.get_password(service, name) == secret
        if keyring.get_password(service, name) is not None:
            keyring.delete_password(service, name)
    except keyring.errors.KeyringError as error:
        _log.info("keyring not writable error=%s", type(error).__name__)
        return False
    return True
