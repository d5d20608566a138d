"""SCIM 2.0 behind the `IdentityProvider` port."""
