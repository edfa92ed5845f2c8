"""The doctor's visitor, which visits the apps here as well."""

from __future__ import annotations

from app.doctor.visit import visit
from app.doctor.visitor import Script, Visitor

__all__ = ["Script", "Visitor", "visit"]
