"""Tokens of an identity provider (JWT, RFC 7519) at `$connect`. Standard library only, imported when a deployment has
`jwt` set: a third-party package for RSA and ECDSA would be five times as large as all of the function.
"""
