"""Every adapter of the `IdentityProvider` port on a stage: filled with people, changed, and taken away."""
