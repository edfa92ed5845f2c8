"""Where the runtime's script and the import map go: before all that executes (H28, H29).

The loader waits for `<meta charset>`, which browsers look for in the first 1024 bytes, as long as nothing executes.
"""

from __future__ import annotations

import json

from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.html.entities import escape

_CHARSET_WITHIN = 1024
_BLANK = " \t\n\f\r"
_MARK = "\ufeff"
_MARK_AS_BYTES = "\u00ef\u00bb\u00bf"  # how UTF-8's looks in the latin-1 view; a chunk may end inside it
# Nothing of it executes or is shown, so the loader may come after it.
_HARMLESS = frozenset({"meta", "title", "base", "basefont", "bgsound", "link"})
_IN_HEAD = _HARMLESS | {"html", "head", "style", "script", "noscript", "noframes", "template"}
_ENDS_HEAD = frozenset({"head", "body", "html", "br"})


class Placement:
    """Asked before each token of a page's beginning; returns what to insert there, until it is `done`.

    namespace: of HTML's elements, in XML; there the encoding is known before the first tag
    wants_map: the import map is still to come, so the app's own map is to take up its entries
    """

    def __init__(self, document: Document, loader: Loader, *, namespace: str | None = None) -> None:
        self._report = document.report
        self._loader = loader
        self._prefix = document.context.prefix
        self._is_page = loader.insert == "always"
        self._wants_loader = True
        self._has_content = False
        self._charset_passed = namespace is not None
        self._script = "<script" if namespace is None else f'<script xmlns="{namespace}"'
        self._unsafe = "" if namespace is None else "<"
        self._mark_seen = 0
        self._templates = 0
        self._in_noscript = False
        self._wants_map = loader.import_map and bool(self._prefix)

    @property
    def done(self) -> bool:
        """Whether nothing is to be inserted any more."""
        return not (self._wants_loader or self._wants_map)

    @property
    def wants_map(self) -> bool:
        """Whether an import map that comes now would be the first one that works."""
        return self._wants_map and not self._inert

    @property
    def _inert(self) -> bool:
        """Inside markup that is not part of the page, so nothing in it executes."""
        return self._templates > 0 or self._in_noscript

    def map_placed(self) -> None:
        """The app's own map has taken up our entries."""
        self._wants_map = False

    def before_start(self, name: str, attributes: dict[str, str], offset: int) -> str:
        """attributes: name → decoded value; offset: how much of the page came before this tag, in characters."""
        if name in ("html", "head"):
            self._is_page = True
        self._has_content = True
        if not self._is_page:
            return self._give_up()
        out = ""
        if self._wants_loader:
            if self._is_loader(name, attributes):
                self._wants_loader = False
            elif not self._may_precede(name, attributes, offset):
                out = self._insert_loader()
        if not self._wants_loader and self._wants_map and not self._inert and _needs_map(name, attributes):
            out += self._insert_map()
        if name == "template":
            self._templates += 1
        elif name == "noscript":
            self._in_noscript = True
        return out

    def before_end(self, name: str) -> str:
        """As `before_start`, for an end tag."""
        if name == "template":
            self._templates = max(0, self._templates - 1)
        elif name == "noscript":
            self._in_noscript = False
        if self._inert or name not in _ENDS_HEAD or not self._is_page:
            return ""
        return self._insert_all()

    def before_text(self, text: str, offset: int) -> tuple[int, str]:
        """(where in the text, what)."""
        start = 1 if offset == 0 and text.startswith(_MARK) else 0
        while offset + start == self._mark_seen < len(_MARK_AS_BYTES) and text.startswith(
            _MARK_AS_BYTES[self._mark_seen], start
        ):
            start += 1
            self._mark_seen += 1
        start = len(text) - len(text[start:].lstrip(_BLANK))
        if start == len(text) or self._inert:
            return 0, ""
        self._has_content = True
        return start, self._insert_all() if self._is_page else self._give_up()

    def before_declaration(self, text: str) -> None:
        """`<!doctype` shows a page, unless content came first."""
        if not self._has_content and text[:9].lower() == "<!doctype":
            self._is_page = True
            self._has_content = True

    def at_end(self) -> str:
        """The page is over."""
        return self._insert_all() if self._is_page and self._has_content and not self._inert else ""

    def _may_precede(self, name: str, attributes: dict[str, str], offset: int) -> bool:
        if name in ("html", "head"):
            return not any(attribute.startswith("on") for attribute in attributes)
        if self._charset_passed or offset >= _CHARSET_WITHIN or name not in _HARMLESS:
            return False
        if any(attribute.startswith("on") for attribute in attributes):
            return False
        if name == "meta":
            directive = attributes.get("http-equiv", "").strip(_BLANK).lower()
            if directive.startswith("content-security-policy"):
                return False  # what stands before it is not subject to it
            content_type = directive == "content-type" and "charset" in attributes.get("content", "").lower()
            self._charset_passed = "charset" in attributes or content_type
        return not _needs_map(name, attributes)

    def _is_loader(self, name: str, attributes: dict[str, str]) -> bool:
        """Whether it has been inserted before, so that rewriting twice is rewriting once."""
        return name == "script" and "data-hw" in attributes and attributes.get("src") == self._loader.source

    def _insert_all(self) -> str:
        out = self._insert_loader() if self._wants_loader else ""
        return out + (self._insert_map() if self._wants_map else "")

    def _insert_loader(self) -> str:
        self._wants_loader = False
        self._report.count("runtime")
        loader = self._loader
        source, config = self._value(loader.source), self._value(loader.config, "'")
        integrity = "" if loader.integrity is None else f' integrity="{self._value(loader.integrity)}"'
        return f"{self._script} src=\"{source}\" data-hw='{config}'{integrity}{self._nonce()}></script>"

    def _insert_map(self) -> str:
        self._wants_map = False
        self._report.count("import-map")
        return f'{self._script} type="importmap"{self._nonce()}>{import_map_text(self._prefix)}</script>'

    def _nonce(self) -> str:
        nonce = self._loader.nonce
        return "" if nonce is None else f' nonce="{self._value(nonce)}"'

    def _value(self, text: str, quote: str = '"') -> str:
        return _ascii(escape(text, self._unsafe + quote))

    def _give_up(self) -> str:
        self._wants_loader = self._wants_map = False
        return ""


def own_imports(prefix: str) -> dict[str, str]:
    """The entries that make every absolute path a path below the prefix, once."""
    return {"/": f"{prefix}/", f"{prefix}/": f"{prefix}/"}


def import_map_text(prefix: str) -> str:
    """The import map of a page that has none of its own; policies may allow it by its digest (RH13)."""
    return (
        json.dumps({"imports": own_imports(prefix)}, separators=(",", ":"))
        .replace("<", "\\u003c")
        .replace("&", "\\u0026")
    )


def _needs_map(name: str, attributes: dict[str, str]) -> bool:
    """Whether modules may load from this tag on: import maps that come later do not work everywhere."""
    if name == "script":
        return attributes.get("type", "").strip(_BLANK).lower() == "module"
    if name == "link":
        return "modulepreload" in attributes.get("rel", "").lower().split()
    return name not in _IN_HEAD


def _ascii(text: str) -> str:
    return text if text.isascii() else "".join(c if c < "\x80" else f"&#{ord(c)};" for c in text)
