"""The strict AWS emulator and what is proven on it."""
