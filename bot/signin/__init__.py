"""Signing in at the identity provider: that this browser is this subject of this issuer, now."""
