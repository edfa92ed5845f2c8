"""Scripts that are no code but data with references: import maps and speculation rules (H10, H11)."""

from __future__ import annotations

from collections.abc import Callable

from backend_lambda.rewrite.html.edits import Edits
from backend_lambda.rewrite.html.import_maps import map_import_map
from backend_lambda.rewrite.html.inject import Placement
from backend_lambda.rewrite.html.particular import script_data
from backend_lambda.rewrite.html.speculation import map_speculation_rules

Change = Callable[[str], str | None]
"""From the text of a script to the visitor's; None if it stays."""


def change_of(attributes: dict[str, str], edits: Edits, placement: Placement | None) -> Change | None:
    """What happens to the text of a `<script>` with these attributes; None for code and other data.

    placement: what is still to be inserted into the page, perhaps into its own import map
    """
    document = edits.document
    kind = script_data(attributes)
    if kind == "importmap":
        # A policy that forbids our inline script may know the app's by its hash.
        if document.loader is not None and not document.loader.import_map:
            return None
        return lambda text: _import_map(text, edits, placement)
    if kind == "speculationrules":
        return lambda text: _counted(edits, "speculation-rules", text, map_speculation_rules(text, document.map))
    return None


def _import_map(text: str, edits: Edits, placement: Placement | None) -> str | None:
    document = edits.document
    merge = placement is not None and placement.wants_map
    new = map_import_map(text, document.context, document.map, edits.base, merge=merge)
    if new is None:
        document.report.note("import map")
        return None
    if placement is not None and merge:
        placement.map_placed()
    return _counted(edits, "import-map", text, new)


def _counted(edits: Edits, kind: str, old: str, new: str | None) -> str | None:
    if new is None or new == old:
        return None
    edits.report.count(kind)
    return new
