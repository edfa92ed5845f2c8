"""Two stages of an exchange as lines, compared. For a thread."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from app.content.line_diff import LineDiff, diff_lines, split_lines
from app.content.reading import body_text
from app.domain.stage import Stage, StageName
from app.viewmodels.exchange_cells import format_size, readable

TITLES: dict[StageName, str] = {
    "visitor": "From the visitor",
    "upstream": "To the service",
    "raw": "From the service",
    "delivered": "To the visitor",
}
_SHOWN_BYTES = 2 * 1024 * 1024  # of a body


def stage_diff(left: Stage, right: Stage) -> LineDiff:
    """Head and body together, as the two ends of one text."""
    if left.body is None or right.body is None:
        # Comparing a body with the lack of it would show all of it as changed.
        return diff_lines(_head(left), _head(right))
    return diff_lines([*_head(left), "", *_body(left)], [*_head(right), "", *_body(right)])


def stage_titles(names: Sequence[StageName]) -> list[str]:
    """What people call them."""
    return [TITLES[name] for name in names]


def stage_notes(stages: Sequence[Stage]) -> str:
    """What should be known of the compared stages, one line each; empty if all is well."""
    notes = [f"{TITLES[stage.name]}: {stage.note}" for stage in stages if stage.note]
    notes += [
        f"{TITLES[stage.name]}: made again here; its digest is that of what was delivered."
        for stage in stages
        if stage.proved
    ]
    return "\n".join(dict.fromkeys(notes))


def _head(stage: Stage) -> list[str]:
    return [stage.line, *(f"{name}: {readable(value)}" for name, value in stage.headers)] if stage.known else []


def _body(stage: Stage) -> list[str]:
    assert stage.body is not None
    kind = next((value for name, value in stage.headers if name.lower() == "content-type"), None)
    data = body_text(stage.body, stage.coding, kind)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not stage.note or error.end < len(data) - 3:
            return [f"[{format_size(len(data))} of binary data, CRC {_checksum(data)}]"]
        text = data[: error.start].decode("utf-8")  # the kept part ends inside a character
    return split_lines(text[:_SHOWN_BYTES])


def _checksum(data: bytes) -> str:
    return f"{zlib.crc32(data):08x}"
