"""Exchanges in the formats of other tools: HAR, cURL, code, tests. No I/O but files."""
