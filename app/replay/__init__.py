"""Sends captured requests again. Qt-free."""
