"""Google Workspace behind the `IdentityProvider` port."""
