"""Which exchanges the list shows: typed text in the filter language, and one of the quick buttons."""

from __future__ import annotations

import enum

from app.filter.filter import Filter, parse


class Quick(enum.Enum):
    """The quick buttons; the value is the label."""

    ALL = "All"
    ERRORS = "Errors"
    WEBSOCKET = "WS"


_MEANING = {Quick.ALL: parse(""), Quick.ERRORS: parse("is:error"), Quick.WEBSOCKET: parse("is:websocket")}


def wanted(text: str, quick: Quick = Quick.ALL) -> Filter:
    """What the controls ask for together. Raises FilterError if the text is no filter; its places are the text's."""
    return _MEANING[quick].also(parse(text))
