"""Forms: what is asked before something is done, and what was filled in."""
