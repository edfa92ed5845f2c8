"""The title of a page as a person reads it in a list: decoded, on one line, short."""

from __future__ import annotations

import codecs
import html
import re

MAX_TITLE = 60  # characters

_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_TITLE = re.compile(rb"<title(?:\s[^>]*)?>(.*?)</title\s*>", re.IGNORECASE | re.DOTALL)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def page_title(body: bytes, content_type: str) -> str:
    """The text of <title>, entities decoded, white space collapsed, at most 60 characters; "" if there is none.

    body: the start of the page as received; content_type: value of the header, "" if absent. The encoding is
    found as browsers do: byte order mark, header, <meta>, then UTF-8.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in ("", "text/html", "application/xhtml+xml"):
        return ""
    charset = _charset(body, content_type)
    if charset.startswith("utf-16"):
        body, charset = body.decode(charset, "replace").encode(), "utf-8"
    match = _TITLE.search(_COMMENT.sub(b"", body))
    if match is None:
        return ""
    text = " ".join(html.unescape(match[1].decode(charset, "replace")).split())
    # Control and bidi characters could make one entry of a list look like another.
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1].rstrip() + "…"


def _charset(body: bytes, content_type: str) -> str:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body[:2048])
    for label in (header[1] if header else "", meta[1].decode("ascii") if meta else ""):
        try:
            name = codecs.lookup(label).name if label else ""
        except LookupError:
            continue
        # "latin-1" on the web means windows-1252; codecs that are not text encodings are no charset.
        if name and name in ("iso8859-1", "ascii"):
            return "cp1252"
        if name and codecs.lookup(name)._is_text_encoding:
            return name
    return "utf-8"
