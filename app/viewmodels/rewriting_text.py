"""What rewriting did to an answer, in plain words: the layers, the edits, and what was left as it came and why.

The words come from the relay, which may be newer: those that are not known here are shown as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.exchange import Exchange
from app.viewmodels.exchange_cells import readable
from app.viewmodels.overview_facts import Fact


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the developer should know. advice: what to do about it, may be empty."""

    what: str
    advice: str = ""


_KINDS = {
    "css": "a style sheet",
    "html": "an HTML page",
    "manifest": "a web app manifest",
    "playlist": "a media playlist",
    "svg": "an SVG image",
    "worker": "a worker script",
    "xhtml": "an XHTML page",
    "xml": "an XML document",
}
_LAYERS = {
    "L0": "headers",
    "L1": "markup",
    "L2": "runtime",
    "L3": "navigation",
    "L4": "recovery",
    "L5": "path without prefix",
}
# Kind of edit → one of them, several of them; in the order in which they are told.
_COUNTED = {
    "url": ("link", "links"),
    "srcset": ("image set", "image sets"),
    "style": ("inline style", "inline styles"),
    "css": ("style sheet reference", "style sheet references"),
    "meta": ("meta tag", "meta tags"),
    "refresh": ("timed redirect", "timed redirects"),
    "srcdoc": ("embedded page", "embedded pages"),
    "speculation-rules": ("set of speculation rules", "sets of speculation rules"),
    "manifest": ("manifest entry", "manifest entries"),
    "playlist": ("playlist entry", "playlist entries"),
    "policy": ("content security policy", "content security policies"),
    "location": ("redirect", "redirects"),
    "cookie": ("cookie", "cookies"),
    "header": ("other header", "other headers"),
}
_INSERTED = {"runtime": "runtime", "import-map": "import map", "worker": "worker line"}
_REMOVED = {"integrity": ("integrity check", "integrity checks")}
_TIED = "\u00a0"  # what belongs together stays in one line
_LEFT = "It passed as it came, so that its absolute links lead to the root of the host."
_NOTES = {
    "binary": Remark(
        "The answer calls itself text but holds binary data.",
        "Correct its Content-Type, unless the file itself is wrong.",
    ),
    "charset": Remark(
        f"The character set of the answer is unknown here. {_LEFT}",
        "Send it as UTF-8 and say so: Content-Type: text/html; charset=utf-8.",
    ),
    "content-coding": Remark(
        f"The Content-Encoding of the answer is unknown here, or broken. {_LEFT}",
        "Let the service send it as gzip, or without a coding.",
    ),
    "failed": Remark(
        "Rewriting failed in the middle of the answer; the rest passed as it came.",
        "That is a fault of Hatchway: please report it with the log of the relay.",
    ),
    "import map": Remark("The page's own import map could not be read.", "Check that it is valid JSON."),
    "long script data": Remark(
        "A long block of data in a script element was left as it came.",
        "If addresses in it lead to the root, make them relative.",
    ),
    "long tag": Remark(
        "A very long tag was left as it came.", "Keep large data: images in files instead of attributes."
    ),
    "too large": Remark(
        f"The answer is too large to be held back as a whole. {_LEFT}",
        "Split it, or make the addresses in it relative.",
    ),
}


def rewriting_facts(exchange: Exchange) -> list[Fact]:
    """What was done, for the detail; empty if nothing is known."""
    rewriting = exchange.rewriting
    if rewriting is None:
        return []
    facts = [
        Fact("Body", f"rewritten as {_KINDS.get(rewriting.kind, rewriting.kind)}" if rewriting.kind else "as it came"),
        Fact("Changes", edit_words(rewriting.edits) or "none"),
        Fact("Layers", layer_words(rewriting.layers)),
    ]
    return [fact for fact in facts if fact.value]


def remarks(exchange: Exchange) -> list[Remark]:
    """What the developer should know of the exchange's way through the tunnel."""
    leak = leak_remark(exchange)
    notes = () if exchange.rewriting is None else exchange.rewriting.notes
    return [*([leak] if leak is not None else []), *map(_note_remark, notes)]


def layer_words(layers: Sequence[str]) -> str:
    """`L0 headers · L1 markup`."""
    words = (f"{layer} {_LAYERS[layer]}" if layer in _LAYERS else layer for layer in layers)
    return " · ".join(part.replace(" ", _TIED) for part in words)


def edit_words(edits: Mapping[str, int]) -> str:
    """`12 links, 3 style sheet references, runtime and import map inserted`; empty if nothing was changed."""
    parts = [_counted(edits[kind], names) for kind, names in _COUNTED.items() if kind in edits]
    if inserted := [name for kind, name in _INSERTED.items() if kind in edits]:
        parts.append(f"{' and '.join(inserted)} inserted")
    parts += [f"{_counted(edits[kind], names)} removed" for kind, names in _REMOVED.items() if kind in edits]
    known = _COUNTED.keys() | _INSERTED.keys() | _REMOVED.keys()
    parts += [f"{count}{_TIED}×{_TIED}{kind}" for kind, count in edits.items() if kind not in known]
    return ", ".join(parts)


def leak_words(exchange: Exchange) -> str:
    """`Came without the prefix; asked by /cart`; empty if it came with it."""
    return "" if exchange.leak is None else f"Came without the prefix; asked by {readable(exchange.leak)}"


def leak_remark(exchange: Exchange) -> Remark | None:
    """What a request that came without the prefix means, None for one that came with it."""
    if exchange.leak is None:
        return None
    return Remark(
        leak_words(exchange),
        "The relay sent it back below the tunnel's name. That costs a round trip, and fails where the browser does not"
        " say which page asks. Make this address relative in the app, or try another mode in the tunnel's settings.",
    )


def _note_remark(note: str) -> Remark:
    return _NOTES.get(note) or Remark(f"Left as it came: {note}.")


def _counted(count: int, names: tuple[str, str]) -> str:
    return f"{count}{_TIED}{names[0] if count == 1 else names[1]}"
