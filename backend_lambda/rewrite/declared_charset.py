"""Which character encoding a body declares, and what that means for rewriting it (H25).

The rules are those of browsers (WHATWG Encoding; HTML LS, 13.2.3.2; CSS Syntax, 3.2; MIME Sniffing), except that all
encodings in which ASCII bytes are ASCII characters count as one.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_lambda.rewrite.html.grammar import ATTRIBUTE, ATTRIBUTES
from backend_lambda.rewrite.kinds import Kind

Family = Literal["ascii", "shift_jis", "gbk", "big5", "utf-16-le", "utf-16-be", "opaque"]
"""ascii: no byte below 0x80 is part of another character; shift_jis, gbk, big5: the second byte of a character may look
like `\\`, `@` or a letter, never like markup or a quote; opaque: bytes that look like markup may be none."""

LOOK_AT = 1024  # bytes at the beginning in which a declaration counts

_BLANK = "\t\n\f\r "
_FAMILIES: dict[str, Family] = {}
for _family, _labels in (
    ("shift_jis", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
    ("gbk", "chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"),
    ("big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("utf-16-le", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
    ("utf-16-be", "unicodefffe utf-16be"),
    # Browsers show nothing of the latter six.
    ("opaque", "iso-2022-jp csiso2022jp csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement"),
):
    _FAMILIES.update(dict.fromkeys(_labels.split(), _family))  # type: ignore[arg-type]
# How all other labels of the Encoding standard begin.
_SUPERSETS = (
    "866 ansi_x3.4 arabic ascii asmo-708 cp125 cp819 cp866 cseuc csibm866 csiso csisolatin cskoi8r csksc csmacintosh "
    "cyrillic dos-874 ecma- elot_928 euc- greek hebrew ibm819 ibm866 iso-8859 iso-ir- iso8859 iso88 iso_8859 koi koi8 "
    "korean ks_c ksc l1 l2 l3 l4 l5 l6 l9 latin logical mac sun_eu_greek tis-620 unicode-1-1-utf-8 unicode11utf8 "
    "unicode20utf8 us-ascii utf-8 utf8 visual windows-125 windows-874 windows-949 x-cp125 x-euc x-mac- x-unicode20utf8 "
    "x-user-defined"
)
_KNOWN = tuple(_SUPERSETS.split())
# Browsers take these for no encoding at all, and would be wrong to take their bytes for ASCII.
_STRANGE = re.compile(
    r"(?:.*-)?utf-?7(?:-imap)?|csunicode11utf7|utf-?32(?:[bl]e)?|ucs-?4|csucs4|iso-10646-ucs-4|scsu|bocu-?1|hz|utf-ebcdic|"
    r"(?:cs)?iso-?2022.*|.*ebcdic.*|"
    r"(?:cp|(?:cs)?ibm|x-ibm)-?0*(?:37|27[3-8]|28[0145]|29[07]|42[034]|500|838|87[015]|880|905|918|924|93[01579]|"
    r"1026|1047|114\d)"
)

_PARAMETER = re.compile(r";[ \t\r\n]*+([^;=]*+)(?:=(?:\"((?:[^\"\\]|\\[\s\S])*+)[^;]*+|([^;]*+))|)")
# One step of the prescan: a comment, a `<meta>`, another tag, other markup. What is not complete does not match.
_STEP = re.compile(
    r"<!--(?:-?>|.*?-->)"
    rf"|<meta(?=[{_BLANK}/])(?P<meta>{ATTRIBUTES})>"
    rf"|</?[A-Za-z][^{_BLANK}>]*+{ATTRIBUTES}>"
    r"|<(?:!(?!--)|\?|/(?=[^A-Za-z]))[^>]*+>",
    re.DOTALL | re.IGNORECASE,
)
_OPENING = re.compile(r"<(?:[A-Za-z!?/]|\Z)")
_IN_CONTENT = re.compile(
    rf"charset[{_BLANK}]*+=[{_BLANK}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\"'{_BLANK};][^{_BLANK};]*+))", re.IGNORECASE
)
_XML = re.compile(
    r"<\?xml[ \t\r\n](?:[^?>\"']|\"[^\"]*+\"|'[^']*+')*?\bencoding[ \t\r\n]*+=[ \t\r\n]*+(?:\"([^\"]*+)\"|'([^']*+)')"
)
_RULE = '@charset "'


def family_of(label: str) -> Family | None:
    """What a label means, None if browsers do not know it."""
    label = label.strip(_BLANK).lower()
    family = _FAMILIES.get(label)
    return "ascii" if family is None and label.startswith(_KNOWN) and not _STRANGE.fullmatch(label) else family


def in_content_type(value: str) -> Family | None:
    """What the field `Content-Type` says; None if nothing that counts."""
    for match in _PARAMETER.finditer(value):
        name, quoted, plain = match.groups()
        if name.lower() == "charset":
            label = (re.sub(r"\\(.)", r"\1", quoted) if plain is None and quoted else plain or "").strip(_BLANK).lower()
            return "opaque" if _STRANGE.fullmatch(label) else family_of(label)
    return None


def in_byte_order_mark(beginning: bytes, *, is_all: bool) -> Family | Literal["none"] | None:
    """What a byte order mark says, which counts more than anything else; None if more has to come first."""
    for mark, family in _MARKS:
        if beginning.startswith(mark):
            return family
        if not is_all and mark.startswith(beginning):
            return None
    return "none"


_MARKS: tuple[tuple[bytes, Family], ...] = (
    (b"\xef\xbb\xbf", "ascii"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xff\xfe", "utf-16-le"),
)


def in_body(kind: Kind, beginning: bytes, *, is_all: bool) -> Family | None:
    """What the beginning of a body without mark says, in the end "ascii"; None if more has to come first.

    is_all: nothing follows
    """
    text = beginning[:LOOK_AT].decode("latin-1")
    is_all = is_all or len(beginning) >= LOOK_AT
    match kind:
        case "css":
            found = _in_rule(text, is_all=is_all)
        case "xhtml" | "svg" | "xml":
            found = _in_xml(text, is_all=is_all)
        case _:
            found = _in_html(text, is_all=is_all)
    # A declaration that could be read cannot be UTF-16.
    return "ascii" if found in ("utf-16-le", "utf-16-be") and "\0" not in text[:2] else found


def _in_rule(text: str, *, is_all: bool) -> Family | None:
    if text.startswith(_RULE):
        label, closing, _ = text[len(_RULE) :].partition('";')
        if closing:
            return family_of(label) or "ascii"
        return "ascii" if is_all or '"' in label[:-1] else None
    return None if not is_all and _RULE.startswith(text) else "ascii"


def _in_xml(text: str, *, is_all: bool) -> Family | None:
    wide = _wide_xml(text)
    if wide is not None:
        return wide
    if text.startswith("Lo\xa7\x94") or text[:4] in ("\0\0\xfe\xff", "\0\0\0<", "<\0\0\0"):
        return "opaque"  # EBCDIC; UTF-32 (XML 1.0, appendix F)
    if text.startswith("<?xml"):
        declaration, closing, _ = text.partition("?>")
        if closing:
            return _label(_XML.match(declaration)) or "ascii"
        return "ascii" if is_all else None
    return None if not is_all and any(start.startswith(text) for start in _XML_STARTS) else "ascii"


_XML_STARTS = ("<?xml", "<\0?\0", "\0<\0?", "Lo\xa7\x94", "\0\0\xfe\xff", "\0\0\0<", "<\0\0\0")


def _in_html(text: str, *, is_all: bool) -> Family | None:
    wide = _wide_xml(text)
    if wide is not None:
        return wide
    at = 0
    while (start := _OPENING.search(text, at)) is not None:
        step = _STEP.match(text, start.start())
        if step is None:
            break  # cut short
        at = step.end()
        if step["meta"] is not None:
            found = _in_meta(text, *step.span("meta"))
            if found is not None:
                return found
    if not is_all:
        return None
    return _label(_XML.match(text)) or "ascii"


def _in_meta(text: str, start: int, end: int) -> Family | None:
    attributes: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(text, start, end):
        group = match.lastindex or 1
        attributes.setdefault(match[1].lower(), "" if group == 1 else match[group])
    if "charset" in attributes:
        return family_of(attributes["charset"])
    if attributes.get("http-equiv", "").lower() != "content-type":
        return None
    return _label(_IN_CONTENT.search(attributes.get("content", "")))


def _label(match: re.Match[str] | None) -> Family | None:
    return family_of(match[match.lastindex or 0]) if match else None


def _wide_xml(text: str) -> Family | None:
    """An XML declaration in UTF-16 without a mark."""
    if text.startswith("<\0?\0"):
        return "utf-16-le"
    return "utf-16-be" if text.startswith("\0<\0?") else None
