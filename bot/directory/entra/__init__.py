"""Microsoft Entra ID behind the `IdentityProvider` port."""
