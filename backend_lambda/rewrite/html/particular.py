"""Elements whose attributes, or content, are references only under conditions (H3, H4, H11, H13, H15)."""

from __future__ import annotations

from typing import Literal

from backend_lambda.rewrite.html.attributes import PARAMETERS, Kind

Data = Literal["importmap", "speculationrules"]

RAW_TEXT = frozenset({"textarea", "title", "xmp", "noembed", "noframes", "iframe", "style"})
PARTICULAR = RAW_TEXT | {"meta", "link", "base", "param", "script", "plaintext"}
"""Elements that need more than their table of attributes."""

_BLANK = " \t\n\f\r"
_POLICIES = frozenset({"content-security-policy", "content-security-policy-report-only"})
# Open Graph, Twitter cards, Windows tiles: properties whose value is a URL.
_PROPERTIES = """
    og:url og:image og:image:url og:image:secure_url og:video og:video:url og:video:secure_url og:audio og:audio:url
    og:audio:secure_url og:logo twitter:image twitter:image:src twitter:image0 twitter:image1 twitter:image2
    twitter:image3 twitter:player twitter:player:stream twitter:url msapplication-tileimage msapplication-config
    msapplication-starturl msapplication-square70x70logo msapplication-square150x150logo
    msapplication-wide310x150logo msapplication-square310x310logo
    """
_URL_PROPERTIES = frozenset(_PROPERTIES.split())
_SOCIAL = ("og:", "twitter:", "msapplication-", "article:", "al:")


def meta_content(attributes: dict[str, str]) -> Kind | None:
    """What the attribute `content` of a `<meta>` holds. attributes: lower-case name → decoded value."""
    directive = _word(attributes, "http-equiv")
    if directive == "refresh":
        return "refresh"
    if directive in _POLICIES:
        return "policy"
    for attribute in ("property", "name"):
        names = attributes.get(attribute, "").lower().split()
        if not _URL_PROPERTIES.isdisjoint(names):
            return "absolute"
        if any(name.startswith(_SOCIAL) for name in names):
            return "absolute-only"
    return None


def loads_style(attributes: dict[str, str]) -> bool:
    """Whether a `<link>` asks for a style sheet: with our changes it would not pass its `integrity` (H13).

    Scripts and modules are served as they are, their integrity holds.
    """
    rel = attributes.get("rel", "").lower().split()
    return "stylesheet" in rel or ("preload" in rel and _word(attributes, "as") == "style")


def is_css(attributes: dict[str, str]) -> bool:
    """Whether browsers take the text of a `<style>` for CSS."""
    return attributes.get("type", "").lower() in ("", "text/css")


def script_data(attributes: dict[str, str]) -> Data | None:
    """Which data with references an inline `<script>` holds, if any; a `src` is ignored with these types."""
    kind = _word(attributes, "type")
    if kind == "importmap" and "src" not in attributes:
        return "importmap"
    return "speculationrules" if kind == "speculationrules" and "src" not in attributes else None


def is_url_parameter(attributes: dict[str, str]) -> bool:
    """Whether the `value` of a `<param>` is a URL."""
    return _word(attributes, "name") in PARAMETERS


def _word(attributes: dict[str, str], name: str) -> str:
    return attributes.get(name, "").strip(_BLANK).lower()
