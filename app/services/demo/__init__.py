"""The built-in demo service: something worth tunnelling when nothing else runs on this machine."""

from __future__ import annotations

from app.services.demo.service import DemoService

__all__ = ["DemoService"]
