"""The filter language, the same everywhere: text → tree with positions → a test of one exchange. No I/O, no SQL."""
