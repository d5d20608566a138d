"""Okta behind the `IdentityProvider` port."""
