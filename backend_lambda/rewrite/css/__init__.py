"""Style sheets: the URLs in them move below the prefix, every other byte is copied (C1-C10)."""

from __future__ import annotations

from backend_lambda.rewrite.css.rewriter import CssRewriter, rewrite_declarations

__all__ = ["CssRewriter", "rewrite_declarations"]
