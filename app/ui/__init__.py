"""Widgets of the desktop window; everything they show comes from `app.viewmodels` and `app.engine.api`."""
