"""XHTML, SVG and XML with style sheets: references and, in XHTML, the runtime move in; the rest is copied (H26, D4)."""

from __future__ import annotations

from backend_lambda.rewrite.xml.rewriter import XmlRewriter

__all__ = ["XmlRewriter"]
