"""The tunnel backend: a core that routes, forwards and rewrites, deployable on its own (no import from app)."""
